import { RampartError } from '@rampart/core';
import { DEAD_LETTERS, type StepFailure, type StepRecord, type Store, type StoreServer } from '@rampart/results';

import type { SharedExecutor, StepTask, StepWatch } from '../executor';
import { deviceOf } from '../step';
import { recordStep } from '../step-record';
import { type StepTrace, UNTRACED } from '../step-trace';
import { StepWorker } from '../step-worker';
import { cancelMessages, readStepMessage, type WorkMessage } from './messages';
import { jobIdOf, queueName } from './queue-names';
import { stepMemory } from './step-memory';
import { jobOf, StepQueue } from './step-queue';

/** Behind a pooler nobody is told anything, so one looks now and then all the same. */
const LOOK_MS = 2_000;
/** How often jobs of workers that are gone are looked for. */
const SUPERVISE_SECONDS = 1;

export interface QueueOptions {
  readonly store: Store;
  /** The run that steps are asked for by. */
  readonly run: () => string;
  /** Bytes of the dataset. */
  readonly data: number;
  /** Steps of a run with more come before those of others; 0 is usual. */
  readonly priority: number;
  /** Of the steps that are ready, which come first: the lowest. */
  readonly order: (step: StepTask['step']) => number;
  /** Told once of each worker that leaves steps to others, with the reason. */
  readonly onLeft?: (worker: string, why: string) => void;
  readonly trace?: StepTrace | undefined;
}

/** A step that others were asked for. */
interface Asked {
  readonly task: StepTask;
  readonly queue: string;
  readonly watch: StepWatch;
  readonly resolve: (record: StepRecord) => void;
  readonly reject: (error: unknown) => void;
  begun: boolean;
}

/**
 * Has the workers of a store do steps, on whichever machines they are. A step's key is its identity: whoever asks for
 * it once more, another run or the same after a crash, waits for the same result.
 * @throws RampartError `usage` for a store that is a folder
 */
export async function queueExecutor(options: QueueOptions): Promise<QueueExecutor> {
  const { server } = options.store;
  if (!server) {
    throw new RampartError({ code: 'usage', message: 'Workers need a store on PostgreSQL: --store postgres://...' });
  }
  return new QueueExecutor(options, server, await StepQueue.open(server, SUPERVISE_SECONDS));
}

export class QueueExecutor implements SharedExecutor {
  private readonly asked = new Map<string, Asked>();
  private readonly own: StepWorker;
  private readonly endListening: () => void;
  private readonly timer: NodeJS.Timeout;
  private looking = false;
  private readonly left = new Set<string>();

  constructor(
    private readonly options: QueueOptions,
    private readonly server: StoreServer,
    private readonly queue: StepQueue,
  ) {
    this.own = new StepWorker(options.store.artifacts);
    this.endListening = server.listen('rampart_steps', (payload) => this.hear(payload));
    this.timer = setInterval(() => void this.look([...this.asked.keys()]), LOOK_MS);
  }

  async ask(task: StepTask, signal: AbortSignal, watch: StepWatch): Promise<StepRecord> {
    const { step } = task;
    // The file is on this machine.
    if (step.kind === 'import') return this.doHere(task, signal, watch);
    const bytes = stepMemory(task, this.options.data);
    const queue = queueName(step.kind, bytes, task.plugins, deviceOf(step));
    const id = jobIdOf(step.key);
    const cancelled = () => this.cancel(step.key);
    const result = new Promise<StepRecord>((resolve, reject) => {
      this.asked.set(step.key, { task, queue, watch, resolve, reject, begun: false });
    });
    // Whoever awaits it does so after the step was sent.
    result.catch(() => undefined);
    signal.addEventListener('abort', cancelled);
    try {
      if (signal.aborted) cancelled();
      else {
        await this.queue.exhume(id);
        if (!(await this.send(task, queue, bytes))) await this.renew(step.key);
      }
      return await result;
    } finally {
      signal.removeEventListener('abort', cancelled);
      this.asked.delete(step.key);
    }
  }

  /** The kinds of processors that steps were computed on, where there was more than one. */
  async processors(keys: readonly string[]): Promise<string[]> {
    const states = await this.queue.states(keys.map(jobIdOf));
    const names = states.map(({ output }) => (output as { processor?: string } | null)?.processor);
    return [...new Set(names.filter((name) => name !== undefined))].sort();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.endListening();
    await this.cancelling;
    await this.queue.close();
  }

  private async doHere(task: StepTask, signal: AbortSignal, watch: StepWatch): Promise<StepRecord> {
    watch.onBegun();
    const { store, run, trace = UNTRACED } = this.options;
    return trace.step({ ...task.step, run: run(), about: task.about }, async () => {
      const began = performance.now();
      const result = await this.own.run(task, { signal, onProgress: watch.onProgress });
      return recordStep(store, task.step, { result, seconds: (performance.now() - began) / 1000 });
    });
  }

  private async send(task: StepTask, queue: string, bytes: number): Promise<boolean> {
    const { run, priority, order, trace = UNTRACED } = this.options;
    // Of one run the steps that others wait for come first.
    const rank = priority * 100 - order(task.step);
    const job = jobOf(task, run(), bytes, trace.carrier());
    const sent = await this.queue.send(queue, jobIdOf(task.step.key), job, rank);
    if (sent) await this.tell('ready');
    return sent;
  }

  /** A step that was sent before may have been cancelled, put away or done since, and is wanted again now. */
  private async renew(key: string): Promise<void> {
    await this.look([key], true);
  }

  private hear(payload: string | undefined): void {
    if (payload === undefined) return void this.look([...this.asked.keys()]);
    const message = readStepMessage(payload);
    const asked = message && this.asked.get(message.key);
    if (!asked) return;
    if (message.type === 'begun' || message.type === 'progress') this.begun(asked);
    if (message.type === 'progress') asked.watch.onProgress(message.progress);
    if (message.type === 'left') this.hearOfLeft(message.worker, message.why);
    if (message.type === 'done' || message.type === 'failed') void this.look([message.key]);
  }

  private hearOfLeft(worker: string, why: string): void {
    const said = `${worker} ${why}`;
    if (!this.left.has(said)) this.options.onLeft?.(worker, why);
    this.left.add(said);
  }

  private begun(asked: Asked): void {
    if (asked.begun) return;
    asked.begun = true;
    asked.watch.onBegun();
  }

  /** Sees what has become of steps. What cannot be seen now is looked at again. */
  private async look(keys: readonly string[], anew = false): Promise<void> {
    const all = keys.length > 1;
    if (keys.length === 0 || (all && this.looking)) return;
    this.looking ||= all;
    try {
      for (const record of await this.options.store.steps.findAll(keys)) {
        if (!record.damaged) this.asked.get(record.key)?.resolve(record);
      }
      const open = keys.filter((key) => this.asked.has(key));
      const jobs = new Map<string, Awaited<ReturnType<StepQueue['states']>>>();
      for (const job of await this.queue.states(open.map(jobIdOf))) {
        jobs.set(job.id, [...(jobs.get(job.id) ?? []), job]);
      }
      for (const key of open) await this.lookAt(key, jobs.get(jobIdOf(key)) ?? [], anew);
    } catch (error) {
      // Steps that were damaged meanwhile; a server that is away is waited for below.
      if (!all) this.asked.get(keys[0]!)?.reject(error);
    } finally {
      if (all) this.looking = false;
    }
  }

  private async lookAt(key: string, jobs: Awaited<ReturnType<StepQueue['states']>>, anew: boolean): Promise<void> {
    const asked = this.asked.get(key);
    if (!asked) return;
    const dead = jobs.find(({ name }) => name === DEAD_LETTERS);
    if (dead) return asked.reject(buried(dead.data as { failures: readonly StepFailure[] }));
    const job = jobs.find(({ name }) => name === asked.queue);
    const id = jobIdOf(key);
    switch (job?.state) {
      case 'active':
        return this.begun(asked);
      case 'created':
      case 'retry':
        return;
      case 'cancelled':
        // By another run that wanted it, too.
        await this.queue.resume(asked.queue, id);
        return this.tell('ready');
      case 'failed':
        if (!anew) return asked.reject(lost());
        await this.queue.retry(asked.queue, id);
        return this.tell('ready');
      default: {
        // What was done is in the store, or was found damaged since.
        const record = await this.options.store.steps.find(key);
        if (record && !record.damaged) return asked.resolve(record);
        if (job) await this.queue.remove(asked.queue, id);
        await this.send(asked.task, asked.queue, stepMemory(asked.task, this.options.data));
      }
    }
  }

  private readonly gone = new Map<string, string[]>();
  private cancelling: Promise<void> = Promise.resolve();

  /** Takes a step back. Those of one moment go together. */
  private cancel(key: string): void {
    const asked = this.asked.get(key);
    if (!asked) return;
    if (this.gone.size === 0) this.cancelling = Promise.resolve().then(() => this.takeBack());
    this.gone.set(asked.queue, [...(this.gone.get(asked.queue) ?? []), key]);
    asked.reject(new RampartError({ code: 'cancelled', message: `Step "${asked.task.step.label}" was cancelled.` }));
  }

  private async takeBack(): Promise<void> {
    const gone = [...this.gone];
    this.gone.clear();
    const takeBack = async ([queue, keys]: (typeof gone)[number]) => {
      await this.queue.cancel(queue, keys.map(jobIdOf)).catch(() => undefined);
      for (const message of cancelMessages(keys)) await this.tell(message);
    };
    await Promise.all(gone.map(takeBack));
  }

  private async tell(message: WorkMessage): Promise<void> {
    // Workers look now and then all the same.
    await this.server.tell('rampart_work', message).catch(() => undefined);
  }
}

function buried({ failures }: { readonly failures: readonly StepFailure[] }): RampartError {
  const said = [...new Set(failures.map(({ message }) => message))].join('; ');
  const workers = failures.map(({ worker }) => worker).join(', ');
  return new RampartError({
    code: 'contract',
    message: `${said} (${failures.length} attempts, on ${workers}; it is among the dead letters)`,
  });
}

function lost(): RampartError {
  return new RampartError({
    code: 'unavailable',
    message: 'Its workers were lost, one after another. See whether it takes more memory than they have.',
  });
}
