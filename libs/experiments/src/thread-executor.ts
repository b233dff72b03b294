import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

import { type ErrorCode, messageOf, type Progress, RampartError } from '@rampart/core';
import Piscina from 'piscina';

import type { Executor, StepTask } from './executor';
import { foreignComponents } from './plugins/foreign-components';
import { afterSeconds, PLUGIN_SECONDS } from './plugins/time-limit';
import type { Step } from './step';
import type { StepResult } from './steps/context';

/** What crosses to a thread with each step. */
export interface ThreadTask {
  readonly task: StepTask;
  /** One element, set to 1 to cancel: a thread inside native code sees no messages. */
  readonly cancelled: Int32Array;
  /** Where progress goes, as `ThreadMessage`. */
  readonly progress: MessagePort;
}

/** That the thread has begun with the step, and how far it is. */
export type ThreadMessage = 'begun' | Progress;

/** What comes back: errors as data, because a thrown one loses its code on the way. */
export type ThreadReply =
  | { readonly ok: true; readonly result: StepResult }
  | { readonly ok: false; readonly code: ErrorCode | undefined; readonly message: string; readonly stack: string };

/** How long a cancelled step may take to notice before its thread is ended. */
const GRACE_SECONDS = 5;

/**
 * Runs steps in worker threads, one at a time in each: inference blocks the thread it runs in, and two sessions on
 * one thread do not overlap. A step that exceeds its time limit, or goes on after it was cancelled, loses its thread;
 * another one takes the thread's place.
 */
export function threadExecutor(storeDirectory: string, threads: number): Executor {
  const pool = new Piscina<ThreadTask, ThreadReply>({
    filename: join(__dirname, 'thread-entry.js'),
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Infinity,
    workerData: { storeDirectory },
  });
  // What a plugin left behind can still end a thread that does nothing; the pool has put another in its place.
  pool.on('error', () => undefined);

  const attempt = async (task: StepTask, signal: AbortSignal, onProgress: (progress: Progress) => void) => {
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
    port1.on('message', (message: ThreadMessage) => (message === 'begun' ? begun() : onProgress(message)));
    try {
      return await pool
        .run({ task, cancelled, progress: port2 }, { transferList: [port2], signal: end.signal })
        .catch((error: unknown) => {
          throw end.signal.aborted ? end.signal.reason : new ThreadEnded(task, error);
        });
    } finally {
      timers.forEach(clearTimeout);
      signal.removeEventListener('abort', cancel);
      port1.close();
    }
  };

  return {
    async run(task, signal, onProgress) {
      const reply = await attempt(task, signal, onProgress).catch((error: unknown) => {
        const innocent = error instanceof ThreadEnded && foreignComponents(task.step).length === 0;
        // What a plugin left behind by an earlier step ended it.
        if (innocent && task.plugins?.length) return attempt(task, signal, onProgress);
        throw error;
      });
      if (reply.ok) return reply.result;
      const cause = Object.assign(new Error(reply.message), { stack: reply.stack });
      if (reply.code === undefined) throw cause;
      throw new RampartError({ code: reply.code, message: reply.message, cause });
    },
    close: () => pool.destroy(),
  };
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
