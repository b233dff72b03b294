import { setTimeout as delay } from 'node:timers/promises';

import { isRampartError, messageOf, type Progress, RampartError } from '@rampart/core';
import type { StepFailure, Store, StoreServer, WorkerMeans, WorkerStep } from '@rampart/results';

import type { Executor, StepTask } from '../executor';
import { usePlannedPlugins } from '../plugins/use-plugins';
import { recordStep } from '../step-record';
import { type StepTrace, UNTRACED } from '../step-trace';
import { cancelledKeys, type StepMessage } from './messages';
import { readQueueName } from './queue-names';
import { type ActiveJob, StepQueue, taskOf } from './step-queue';

/** Several in the time that a worker may be silent; also how long a step goes on that nobody told it to stop. */
const TOUCH_MS = 1_500;
const SIGN_MS = 5_000;
/** How often a worker that has nothing to do looks for something, where nobody tells it. */
const LOOK_MS = 2_000;
const PROGRESS_MS = 500;
/** Beside the coordinators, who look every second. */
const SUPERVISE_SECONDS = 5;
/** Many workers that are told at once do not ask at once. */
const SPREAD_MS = 20;
/** A step that so many attempts failed at is put away. */
const ATTEMPTS = 3;
/** How long steps are left to others whose plugins or device are not here: they may be put there meanwhile. */
const LEFT_MS = 30_000;

export interface WorkerOptions {
  readonly store: Store;
  readonly id: string;
  readonly executor: Executor;
  readonly means: WorkerMeans;
  /** Where this machine's data is; where the run says when it is left out. */
  readonly dataDir?: string | undefined;
  /** Seconds without a step after which the worker ends; never without it. */
  readonly exitWhenIdle?: number | undefined;
  /** At once: nothing new is taken, and what is under way is handed back. */
  readonly signal: AbortSignal;
  readonly trace?: StepTrace | undefined;
  readonly onStep?: (what: 'begun' | 'done' | 'failed' | 'handed back' | 'left', label: string, why?: string) => void;
}

/** A step that is under way. */
interface UnderWay extends WorkerStep {
  readonly job: ActiveJob;
  readonly bytes: number;
  readonly abort: AbortController;
}

/**
 * Does steps that runs ask for, until the signal fires. It keeps nothing and may die at any moment: a step and the end of
 * its job are one transaction, and a step whose worker is silent for ten seconds is another's.
 */
export async function workOnQueue(options: WorkerOptions): Promise<{ readonly done: number; readonly failed: number }> {
  const { server } = options.store;
  if (!server) {
    throw new RampartError({ code: 'usage', message: 'A worker needs a store on PostgreSQL: --store postgres://...' });
  }
  const worker = new QueueWorker(options, server, await StepQueue.open(server, SUPERVISE_SECONDS));
  return worker.work();
}

class QueueWorker {
  private readonly underWay = new Map<string, UnderWay>();
  private readonly startedAt: number;
  private done = 0;
  private failed = 0;
  private ended = false;
  /** Plugins that are not here as the plan has them, and devices, and until when nothing that needs them is taken. */
  private readonly lacking = new Map<string, number>();
  private wake: () => void = () => undefined;

  constructor(
    private readonly options: WorkerOptions,
    private readonly server: StoreServer,
    private readonly queue: StepQueue,
  ) {
    this.startedAt = options.store.now();
  }

  async work(): Promise<{ done: number; failed: number }> {
    const { signal } = this.options;
    const endListening = this.server.listen('rampart_work', (payload) => this.hear(payload));
    const signs = setInterval(() => void this.sign().catch(() => undefined), SIGN_MS);
    const touches = setInterval(() => void this.touchAll(), TOUCH_MS);
    const stop = () => {
      for (const { abort } of this.underWay.values()) abort.abort(signal.reason);
      this.wake();
    };
    signal.addEventListener('abort', stop);
    try {
      await this.sign();
      await this.loop();
      return { done: this.done, failed: this.failed };
    } finally {
      signal.removeEventListener('abort', stop);
      clearInterval(signs);
      clearInterval(touches);
      endListening();
      this.ended = true;
      await this.sign().catch(() => undefined);
      await this.queue.close();
    }
  }

  private async loop(): Promise<void> {
    const { signal, means, exitWhenIdle = Infinity } = this.options;
    const steps = new Set<Promise<void>>();
    let idleSince = performance.now();
    while (!signal.aborted) {
      const job = steps.size < means.threads ? await this.take() : undefined;
      if (job) {
        const step = this.perform(job).finally(() => {
          steps.delete(step);
          this.wake();
        });
        steps.add(step);
      }
      if (steps.size > 0) idleSince = performance.now();
      if (performance.now() - idleSince > exitWhenIdle * 1000) break;
      if (!job) await this.woken(Math.min(LOOK_MS, 1000 * exitWhenIdle));
    }
    await Promise.all(steps);
  }

  /** A job of a kind that this worker takes, and that fits beside those that it has. */
  private async take(): Promise<ActiveJob | undefined> {
    const { kinds, memory } = this.options.means;
    const underWay = [...this.underWay.values()];
    const taken = underWay.reduce((sum, { bytes }) => sum + bytes, 0);
    const onDevice = underWay.some(({ job }) => readQueueName(job.name)!.device !== '');
    try {
      return await this.queue.take((name) => {
        const queue = readQueueName(name);
        if (!queue || (kinds.length > 0 && !kinds.includes(queue.kind))) return false;
        if ([queue.plugins, queue.device].some((needed) => performance.now() < (this.lacking.get(needed) ?? 0)))
          return false;
        // One step at a time has a device: where two threads open WebGPU at once, ONNX Runtime ends the process.
        if (queue.device !== '' && onDevice) return false;
        return queue.bytes <= memory - taken;
      });
    } catch {
      // A server that is away for long: whatever else there is to do, there is nothing to take.
      return undefined;
    }
  }

  private async perform(job: ActiveJob): Promise<void> {
    const { store, trace = UNTRACED, onStep } = this.options;
    const { key, kind, label, bytes } = job.data;
    const abort = new AbortController();
    this.underWay.set(key, { key, kind, label, since: store.now(), job, bytes, abort });
    onStep?.('begun', label);
    try {
      this.tell({ type: 'begun', key }).catch(() => undefined);
      void this.sign().catch(() => undefined);
      await trace.step(job.data, () => this.finish(job, abort.signal));
      this.done++;
      onStep?.('done', label);
    } catch (error) {
      await this.failure(job, error, abort.signal).catch(() => undefined);
    } finally {
      this.underWay.delete(key);
      void this.sign().catch(() => undefined);
    }
  }

  /** Does what is left to do of a step: nothing where somebody else has done it. */
  private async finish(job: ActiveJob, signal: AbortSignal): Promise<void> {
    const { store, executor, id, means } = this.options;
    const { key } = job.data;
    const output = { worker: id, processor: means.processor };
    const known = await store.steps.find(key);
    if (known && !known.damaged) {
      await this.queue.complete(job, output);
      await this.tell({ type: 'done', key });
      return;
    }
    const { dataset, ...task } = taskOf(job.data);
    usePluginsOf(task);
    const inputs = await this.inputsOf(task.step.needs);
    const began = performance.now();
    const { dataDir = dataset.dataDir } = this.options;
    const asked = { ...task, inputs, dataset: { ...dataset, dataDir } };
    const result = await executor.run(asked, signal, this.progressOf(key));
    const done = { result, seconds: (performance.now() - began) / 1000 };
    await recordStep(store, task.step, done, async (transaction) => {
      if (!(await this.queue.complete(job, output, transaction))) throw new LostStep();
      await this.tell({ type: 'done', key }, transaction);
    });
  }

  private async inputsOf(needs: readonly string[]) {
    const found = new Map((await this.options.store.steps.findAll(needs)).map((record) => [record.key, record]));
    return needs.map((key) => {
      const record = found.get(key);
      if (record) return record;
      throw new RampartError({
        code: 'store',
        message: `The result of step ${key}, which it needs, is not in the store.`,
      });
    });
  }

  /** Another worker takes a step that was lost or handed back; one that failed again and again is put away. */
  private async failure(job: ActiveJob, error: unknown, { aborted }: AbortSignal): Promise<void> {
    const { id, signal, onStep } = this.options;
    const { key, label } = job.data;
    if (error instanceof LostStep) return;
    const { plugins, device } = readQueueName(job.name)!;
    if (error instanceof LackingPlugin) return this.leave(job, plugins, error.message);
    const isLacking = isRampartError(error) && error.code === 'unavailable';
    if (isLacking && device !== '') return this.leave(job, device, error.message);
    if (signal.aborted) {
      await this.queue.handBack(job);
      await this.server.tell('rampart_work', 'ready');
      onStep?.('handed back', label);
      return;
    }
    // Somebody took it away.
    if (aborted) return;
    this.failed++;
    const before = (job.output as { failures?: readonly StepFailure[] } | null)?.failures ?? [];
    const failures = [...before, { worker: id, message: messageOf(error) }];
    if (failures.length < ATTEMPTS) await this.queue.fail(job, failures);
    else await this.queue.bury(job, failures);
    await this.tell({ type: 'failed', key });
    onStep?.('failed', label, messageOf(error));
  }

  /** @param needed what is not here, as the queue's name has it */
  private async leave(job: ActiveJob, needed: string, why: string): Promise<void> {
    const { id, onStep } = this.options;
    const { key, label } = job.data;
    this.lacking.set(needed, performance.now() + LEFT_MS);
    await this.queue.handBack(job);
    await this.server.tell('rampart_work', 'ready');
    await this.tell({ type: 'left', key, worker: id, why });
    onStep?.('left', label, why);
  }

  private progressOf(key: string): (progress: Progress) => void {
    let told = -Infinity;
    return (progress) => {
      if (performance.now() - told < PROGRESS_MS) return;
      told = performance.now();
      this.tell({ type: 'progress', key, progress }).catch(() => undefined);
    };
  }

  /** Says of every step that this worker is at it; one that is not its own any more is stopped. */
  private async touchAll(keys: Iterable<string> = this.underWay.keys()): Promise<void> {
    for (const key of keys) {
      const step = this.underWay.get(key);
      if (!step) continue;
      const held = await this.queue.touch(step.job).catch(() => true);
      if (!held) step.abort.abort(new LostStep());
    }
  }

  private hear(payload: string | undefined): void {
    void this.touchAll(cancelledKeys(payload));
    // Something may have been missed.
    if (payload === undefined) void this.touchAll();
    if (payload === undefined || payload === 'ready') setTimeout(() => this.wake(), spread());
  }

  private async woken(patience: number): Promise<void> {
    const over = new AbortController();
    const woken = new Promise<void>((done) => (this.wake = done));
    await Promise.race([woken, delay(patience, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
  }

  private signing: Promise<void> = Promise.resolve();

  /** One after another: the last word is that it has ended. */
  private sign(): Promise<void> {
    this.signing = this.signing.catch(() => undefined).then(() => this.signNow());
    return this.signing;
  }

  private async signNow(): Promise<void> {
    const { store, id, means } = this.options;
    const busy = [...this.underWay.values()].map(({ key, kind, label, since }) => ({ key, kind, label, since }));
    const { startedAt, done, failed } = this;
    await store.workers.sign({ id, startedAt, done, failed, has: means, busy }, this.ended);
  }

  private tell(message: StepMessage, transaction?: Parameters<StoreServer['tell']>[2]): Promise<void> {
    return this.server.tell('rampart_steps', JSON.stringify(message), transaction);
  }
}

/** That a step is another's by now. */
class LostStep extends RampartError {
  constructor() {
    super({ code: 'cancelled', message: 'The step is not this worker’s any more.' });
  }
}

/** That a plugin is not on this machine, or is another than that of the plan. */
class LackingPlugin extends RampartError {
  constructor(cause: unknown) {
    super({ code: 'unavailable', message: messageOf(cause), cause });
  }
}

/** So that this process knows which steps are of plugins; threads load them for themselves. */
function usePluginsOf({ plugins = [] }: Pick<StepTask, 'plugins'>): void {
  try {
    usePlannedPlugins(plugins);
  } catch (error) {
    throw new LackingPlugin(error);
  }
}

/** Derived from the clock: nothing that is computed depends on it. */
function spread(): number {
  return (performance.now() * 1000) % SPREAD_MS;
}
