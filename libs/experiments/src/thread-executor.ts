import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

import { type Progress, RampartError, type ErrorCode } from '@rampart/core';
import Piscina from 'piscina';

import type { Executor, StepTask } from './executor';
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

/**
 * Runs steps in worker threads, one at a time in each: inference blocks the thread it runs in, and two sessions on
 * one thread do not overlap.
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
      const cancel = () => Atomics.store(cancelled, 0, 1);
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel);
      port1.on('message', (progress: Progress) => onProgress(progress));
      try {
        const reply = await pool.run({ task, cancelled, progress: port2 }, { transferList: [port2] });
        if (reply.ok) return reply.result;
        const cause = Object.assign(new Error(reply.message), { stack: reply.stack });
        if (reply.code === undefined) throw cause;
        throw new RampartError({ code: reply.code, message: reply.message, cause });
      } finally {
        signal.removeEventListener('abort', cancel);
        port1.close();
      }
    },
    close: () => pool.destroy(),
  };
}
