import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { messageOf, RampartError } from '@rampart/core';
import { type Executor, queueExecutor, type StepTask, workerVersion, workOnQueue } from '@rampart/experiments';
import { openStore, queueState, type Store, type WorkerMeans } from '@rampart/results';

import { until } from './machine-room';

interface Wanted {
  readonly kind?: string;
  readonly label: string;
  /** Bytes of the model that it reads. */
  readonly model?: number;
  readonly device?: 'webgpu';
}

type Coordinator = Awaited<ReturnType<typeof queueExecutor>>;

const GIB = 2 ** 30;
const MEANS: WorkerMeans = {
  ...{ host: 'here', pid: process.pid, cores: 1, threads: 1, memory: 8 * GIB, processor: 'one', kinds: [] },
  ...{ version: workerVersion(), node: process.versions.node, engine: 'none' },
};

/**
 * The real queue on a real store with workers of this process, whose steps compute nothing: what they begin, and in which
 * order, is what the trials are about.
 */
class Trials {
  private readonly coordinators: Coordinator[] = [];
  private readonly workers: { readonly stop: AbortController; readonly ended: Promise<unknown> }[] = [];

  constructor(private readonly store: Store) {}

  async coordinator(priority = 0): Promise<Coordinator> {
    const executor = await queueExecutor({ store: this.store, run: () => 'run', data: 0, priority, order: () => 0 });
    this.coordinators.push(executor);
    return executor;
  }

  /** Asks for steps. @returns what becomes of them */
  ask(executor: Coordinator, wanted: readonly Wanted[], signal = new AbortController().signal): Promise<string[]> {
    const watch = { onBegun: () => undefined, onProgress: () => undefined };
    const ends = wanted.map((one) => executor.ask(taskOf(one), signal, watch).then(() => 'done', messageOf));
    return Promise.all(ends);
  }

  async waiting(steps: number): Promise<void> {
    await until(async () => (await this.count('waiting')) === steps, `${steps} steps wait`);
  }

  async count(what: 'waiting' | 'active' | 'dead'): Promise<number> {
    const state = await queueState(this.store.server);
    if (what === 'dead') return state?.dead.length ?? 0;
    return (state?.kinds ?? []).reduce((sum, kind) => sum + kind[what], 0);
  }

  /** Starts a worker. @returns what it begins, and how many steps it had at once at most */
  worker(means: Partial<WorkerMeans> = {}, work: (signal: AbortSignal) => Promise<unknown> = () => delay(50)) {
    const seen = { began: [] as string[], atOnce: 0 };
    let now = 0;
    const executor: Executor = {
      run: async ({ step }, signal) => {
        seen.began.push(step.label);
        seen.atOnce = Math.max(seen.atOnce, ++now);
        await work(signal).finally(() => now--);
        return { output: {}, artifacts: [] };
      },
      close: () => Promise.resolve(),
    };
    const stop = new AbortController();
    const id = means.host ?? randomUUID();
    const ended = workOnQueue({ store: this.store, id, executor, means: { ...MEANS, ...means }, signal: stop.signal });
    this.workers.push({ stop, ended });
    return seen;
  }

  async endWorkers(): Promise<void> {
    const workers = this.workers.splice(0);
    for (const { stop } of workers) stop.abort();
    await Promise.all(workers.map(({ ended }) => ended));
  }

  async end(): Promise<void> {
    await this.endWorkers();
    for (const executor of this.coordinators) await executor.close();
  }
}

function taskOf({ kind = 'attack', label, model = 0, device }: Wanted): StepTask {
  const step = { kind, key: `${kind} ${label}`, label, needs: [], versions: {}, device };
  const artifacts = [{ name: 'model', extension: 'onnx', checksum: 'c'.repeat(64), bytes: model }];
  const dataset = { name: 'none', params: {}, dataDir: undefined, checksum: '' };
  return { step, inputs: [{ artifacts }], dataset } as unknown as StepTask;
}

const named = (labels: string, more: Omit<Wanted, 'label'> = {}) => [...labels].map((label) => ({ label, ...more }));

/** What each trial finds out, for the spec to judge. */
const TRIALS: Readonly<Record<string, (trials: Trials) => Promise<unknown>>> = {
  async priorities(trials) {
    const low = trials.ask(await trials.coordinator(), named('abc'));
    const high = trials.ask(await trials.coordinator(1), named('xyz'));
    await trials.waiting(6);
    const { began } = trials.worker();
    await Promise.all([low, high]);
    return [began.slice(0, 3).sort(), began.slice(3).sort()];
  },

  async means(trials) {
    const coordinator = await trials.coordinator();
    // Eight times its model, and what a process takes: 16 GiB.
    const large = trials.ask(coordinator, named('L', { model: GIB }));
    const trains = trials.ask(coordinator, named('T', { kind: 'train' }));
    const small = trials.worker({ kinds: ['attack'], processor: 'another' });
    await trials.ask(coordinator, named('abcd'));
    const left = await trials.count('waiting');
    // 4 GiB each, of which two fit beside each other.
    const wide = trials.worker({ kinds: ['evaluate'], threads: 4 }, () => delay(500));
    await trials.ask(coordinator, named('opqr', { kind: 'evaluate', model: 0.4 * GIB }));
    const any = trials.worker({ memory: 32 * GIB });
    await Promise.all([large, trains]);
    const processors = await coordinator.processors(['attack a', 'attack L', 'train T']);
    return { small: small.began.sort(), left, atOnce: wide.atOnce, any: any.began.sort(), processors };
  },

  async device(trials) {
    const coordinator = await trials.coordinator();
    const ends = [
      trials.ask(coordinator, named('abc', { device: 'webgpu' })),
      trials.ask(coordinator, named('x', { kind: 'evaluate' })),
    ];
    await trials.waiting(4);
    // Takes one of a device, and no other for half a minute.
    const lacking = trials.worker({ host: 'lacking', kinds: ['attack'] }, async () => {
      throw new RampartError({ code: 'unavailable', message: 'Received: no adapter.' });
    });
    await until(() => lacking.began.length > 0, 'a worker has found that it has no device');
    const worker = trials.worker({ host: 'having', threads: 4 }, () => delay(500));
    const became = (await Promise.all(ends)).flat();
    return { became, lacking: lacking.began.length, began: worker.began.length, atOnce: worker.atOnce };
  },

  async cancelling(trials) {
    const cancel = new AbortController();
    let stopped = false;
    const { began } = trials.worker({}, async (signal) => {
      await delay(300_000, undefined, { signal }).catch(() => (stopped = true));
      signal.throwIfAborted();
    });
    const ends = trials.ask(await trials.coordinator(), named('a'), cancel.signal);
    await until(() => began.length > 0, 'it has begun');
    cancel.abort();
    const [end] = await ends;
    await until(() => stopped, 'its worker has stopped');
    return { end, waiting: await trials.count('waiting'), active: await trials.count('active') };
  },

  async 'dead letters'(trials) {
    const coordinator = await trials.coordinator();
    const failing = () => Promise.reject(new Error('the planted fault'));
    const failures = ['one', 'two', 'three'].map((host) => trials.worker({ host }, failing));
    const [end] = await trials.ask(coordinator, named('a'));
    const attempts = failures.reduce((sum, { began }) => sum + began.length, 0);
    const dead = await trials.count('dead');
    await trials.endWorkers();
    trials.worker();
    const [again] = await trials.ask(coordinator, named('a'));
    return { end, attempts, dead, again, deadThen: await trials.count('dead') };
  },
};

async function main(files: string, ...stores: string[]): Promise<void> {
  const found: Record<string, unknown> = {};
  for (const [index, [name, trial]] of Object.entries(TRIALS).entries()) {
    const store = await openStore(stores[index]!, { create: true, artifacts: files });
    const trials = new Trials(store);
    found[name] = await trial(trials);
    await trials.end();
    await store.close();
  }
  process.stdout.write(JSON.stringify(found));
}

void main(process.argv[2]!, ...process.argv.slice(3));
