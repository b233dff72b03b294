import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

import { type Dataset, type ErrorCode, messageOf, type Progress, RampartError } from '@rampart/core';
import Piscina from 'piscina';

import type { Executor, StepTask } from './executor';
import { heldDataset, holdDataset } from './held-dataset';
import { type HelpCall, HelpDesk, type Visit } from './help-desk';
import { foreignComponents } from './plugins/foreign-components';
import { afterSeconds, PLUGIN_SECONDS } from './plugins/time-limit';
import type { Step } from './step';
import type { StepResult } from './steps/context';
import { giveBackUnusedMemory } from './unused-memory';

/** What crosses to a thread with each step. */
export interface ThreadTask {
  readonly task: StepTask;
  /** The data, where they have been loaded: the memory is shared, not copied. */
  readonly data: Dataset | undefined;
  /** One element, set to 1 to cancel: a thread inside native code sees no messages. */
  readonly cancelled: Int32Array;
  /** Where progress goes, as `ThreadMessage`. */
  readonly progress: MessagePort;
  /** Whether the step must not call for help. */
  readonly alone: boolean;
}

/** That the thread has begun with the step, the data that it has loaded for it, how far it is, work that it has for others. */
export type ThreadMessage = 'begun' | { readonly loaded: Dataset } | Progress | HelpCall;

/** What comes back: errors as data, because a thrown one loses its code on the way. A helper has no result. */
export type ThreadReply =
  | { readonly ok: true; readonly result: StepResult | undefined }
  | { readonly ok: false; readonly code: ErrorCode | undefined; readonly message: string; readonly stack: string };

/** How long a cancelled step may take to notice before its thread is ended. */
const GRACE_SECONDS = 5;

/**
 * Runs steps in worker threads, one at a time in each: inference blocks the thread it runs in, and two sessions on
 * one thread do not overlap. A thread that has no step helps with one that has work for others. A step that exceeds its
 * time limit, or goes on after it was cancelled, loses its thread; another one takes the thread's place. No thread
 * starts before the first step: each loads the libraries once more, for nothing where every step is done already.
 * @param artifacts where the files of steps are, as a store's `artifacts.location`
 */
export function threadExecutor(artifacts: string, threads: number): Executor {
  let started: Piscina<ThreadTask | HelpCall, ThreadReply> | undefined;
  const pool = () => (started ??= startPool(artifacts, threads));
  const desk = new HelpDesk(threads, async (call) => {
    const reply = await pool().run(call);
    if (!reply.ok) throw new Error(reply.message);
  });

  const attempt = async (
    task: StepTask,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
    visit: Visit,
    alone: boolean,
  ) => {
    const { port1, port2 } = new MessageChannel();
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const end = new AbortController();
    const timers: NodeJS.Timeout[] = [];
    const after = (seconds: number, reason: RampartError) =>
      timers.push(afterSeconds(seconds, () => end.abort(reason)));
    const cancel = () => {
      Atomics.store(cancelled, 0, 1);
      after(GRACE_SECONDS, deaf(task));
    };
    const limit = timeLimitOf(task);
    const begun = () => limit !== undefined && after(limit, tooLong(task, limit));
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel);
    // A thread that takes the place of one that was ended needs a while to start, which is nobody's fault.
    port1.on('message', (message: ThreadMessage) => {
      if (message === 'begun') begun();
      else if ('loaded' in message) holdDataset(task.dataset, message.loaded);
      else if ('board' in message) visit.call(message);
      else onProgress(message);
    });
    try {
      return await pool()
        .run(
          { task, data: heldDataset(task.dataset), cancelled, progress: port2, alone },
          { transferList: [port2], signal: end.signal },
        )
        .catch((error: unknown) => {
          throw end.signal.aborted ? end.signal.reason : new ThreadEnded(task, error);
        });
    } finally {
      timers.forEach(clearTimeout);
      signal.removeEventListener('abort', cancel);
      port1.close();
    }
  };

  /** One attempt, and another one without help where a helper failed. */
  const visiting = async (
    task: StepTask,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
    alone: boolean,
  ): Promise<ThreadReply> => {
    const visit = desk.enter();
    try {
      const reply = await attempt(task, signal, onProgress, visit, alone);
      if (reply.ok || !visit.lostHelper || signal.aborted) return reply;
    } finally {
      visit.leave();
    }
    return visiting(task, signal, onProgress, true);
  };

  return {
    async run(task, signal, onProgress) {
      // Other people's code stays in the thread that can be ended.
      const foreign = foreignComponents(task.step).length > 0;
      const reply = await visiting(task, signal, onProgress, foreign || threads === 1)
        .catch((error: unknown) => {
          // What a plugin left behind by an earlier step ended it.
          if (error instanceof ThreadEnded && !foreign && task.plugins?.length) {
            return visiting(task, signal, onProgress, true);
          }
          throw error;
        })
        .finally(giveBackUnusedMemory);
      if (reply.ok) return reply.result!;
      const cause = Object.assign(new Error(reply.message), { stack: reply.stack });
      if (reply.code === undefined) throw cause;
      throw new RampartError({ code: reply.code, message: reply.message, cause });
    },
    close: async () => started?.destroy(),
  };
}

/**
 * Half of what V8 takes for new objects if it may: large arrays, of which an object is a few bytes, are let go of sooner.
 */
const YOUNG_MB = 24;

function startPool(artifacts: string, threads: number): Piscina<ThreadTask | HelpCall, ThreadReply> {
  const pool = new Piscina<ThreadTask | HelpCall, ThreadReply>({
    filename: join(__dirname, 'thread-entry.js'),
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Infinity,
    workerData: { artifacts },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  // What a plugin left behind can still end a thread that does nothing; the pool has put another in its place.
  pool.on('error', () => undefined);
  return pool;
}

function timeLimitOf({ step, timeLimit }: StepTask): number | undefined {
  return timeLimit ?? (foreignComponents(step).length > 0 ? PLUGIN_SECONDS : undefined);
}

/** A thread that ended before its step did: out of memory, an error that nobody caught, `process.exit`. */
class ThreadEnded extends RampartError {
  constructor({ step }: StepTask, cause: unknown) {
    super({ code: 'contract', message: `${workOf(step)}: it ended its thread: ${messageOf(cause)}`, cause });
  }
}

function tooLong({ step }: StepTask, seconds: number): RampartError {
  return new RampartError({
    code: 'contract',
    message: `${workOf(step)}: it did not end within ${seconds} s, and its thread was ended. Raise stepTimeLimit in the experiment file if it needs longer.`,
  });
}

/** A step of Rampart's own may be in the middle of a long batch; others are told of. */
function deaf({ step }: StepTask): RampartError {
  if (foreignComponents(step).length === 0) {
    return new RampartError({ code: 'cancelled', message: `Step "${step.label}" was ended.` });
  }
  return new RampartError({
    code: 'contract',
    message: `${workOf(step)}: it went on for ${GRACE_SECONDS} s after it was cancelled, and its thread was ended. Let the errors of calls that are refused pass, and look at signal.aborted between long pieces of work.`,
  });
}

/** What a step's thread is busy with: other people's components, where there are any. */
function workOf(step: Step): string {
  return foreignComponents(step).join('; ') || `Step "${step.label}"`;
}
