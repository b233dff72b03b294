import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

import { type ComponentSpec, type ErrorCode, formatComponent, type Progress, RampartError } from '@rampart/core';
import Piscina from 'piscina';

import { attacks, defenses } from './components';
import type { Executor, StepTask } from './executor';
import type { Step } from './step';
import type { StepResult } from './steps/context';

/** What crosses to a thread with each step. */
export interface ThreadTask {
  readonly task: StepTask;
  /** One element, set to 1 to cancel: a thread inside native code sees no messages. */
  readonly cancelled: Int32Array;
  /** Where progress goes. */
  readonly progress: MessagePort;
}

/** What comes back: errors as data, because a thrown one loses its code on the way. */
export type ThreadReply =
  | { readonly ok: true; readonly result: StepResult }
  | { readonly ok: false; readonly code: ErrorCode | undefined; readonly message: string; readonly stack: string };

/** How long a cancelled step may take to notice before its thread is ended. */
const GRACE_MS = 5_000;

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
  return {
    async run(task, signal, onProgress) {
      const { port1, port2 } = new MessageChannel();
      const cancelled = new Int32Array(new SharedArrayBuffer(4));
      const end = new AbortController();
      const timers: NodeJS.Timeout[] = [];
      const after = (ms: number, reason: RampartError) =>
        timers.push(setTimeout(() => end.abort(reason), Math.min(ms, LONGEST_TIMER_MS)));
      const cancel = () => {
        Atomics.store(cancelled, 0, 1);
        after(GRACE_MS, new RampartError({ code: 'cancelled', message: `Step "${task.step.label}" was ended.` }));
      };
      if (task.timeLimit !== undefined) after(task.timeLimit * 1000, tooLong(task));
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel);
      port1.on('message', (progress: Progress) => onProgress(progress));
      try {
        const reply = await pool
          .run({ task, cancelled, progress: port2 }, { transferList: [port2], signal: end.signal })
          .catch((error: unknown) => {
            throw end.signal.aborted ? end.signal.reason : error;
          });
        if (reply.ok) return reply.result;
        const cause = Object.assign(new Error(reply.message), { stack: reply.stack });
        if (reply.code === undefined) throw cause;
        throw new RampartError({ code: reply.code, message: reply.message, cause });
      } finally {
        timers.forEach(clearTimeout);
        signal.removeEventListener('abort', cancel);
        port1.close();
      }
    },
    close: () => pool.destroy(),
  };
}

/** What timers of Node can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function tooLong({ step, timeLimit }: StepTask): RampartError {
  return new RampartError({
    code: 'contract',
    message: `${componentOf(step)} did not end within ${timeLimit} s, and its thread was ended. Raise stepTimeLimit in the experiment file if it needs longer.`,
  });
}

/** The component that does the work of a step, and the plugin it comes from, for errors. */
function componentOf(step: Step): string {
  if (step.kind === 'attack') return `Attack "${formatComponent(step.attack)}"${originOf(attacks, step.attack)}`;
  if (step.kind === 'harden') return `Defense "${formatComponent(step.defense)}"${originOf(defenses, step.defense)}`;
  if (step.kind === 'train') return `Training "${formatComponent(step.architecture)}"`;
  return `The step "${step.label}"`;
}

function originOf(registry: { get(name: string): { readonly origin?: string } }, { name }: ComponentSpec): string {
  const { origin } = registry.get(name);
  return origin === undefined ? '' : ` of ${origin.split(',')[0]!}`;
}
