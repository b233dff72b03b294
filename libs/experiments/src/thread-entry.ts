import { workerData } from 'node:worker_threads';

import { isRampartError, messageOf } from '@rampart/core';
import { ArtifactStore } from '@rampart/results';

import { StepWorker } from './step-worker';
import type { ThreadMessage, ThreadReply, ThreadTask } from './thread-executor';

const { storeDirectory } = workerData as { storeDirectory: string };
const worker = new StepWorker(new ArtifactStore(storeDirectory));

/** The work of one thread. */
export default async function runTask({ task, cancelled, progress }: ThreadTask): Promise<ThreadReply> {
  const tell = (message: ThreadMessage) => progress.postMessage(message);
  tell('begun');
  try {
    const result = await worker.run(task, { signal: sharedSignal(cancelled), onProgress: tell });
    return { ok: true, result };
  } catch (error) {
    return {
      ok: false,
      code: isRampartError(error) ? error.code : undefined,
      message: messageOf(error),
      stack: error instanceof Error ? (error.stack ?? '') : '',
    };
  } finally {
    progress.close();
  }
}

/** A signal whose state is a shared flag. It fires no event: long work asks `aborted` between its native calls. */
function sharedSignal(flag: Int32Array): AbortSignal {
  const { signal } = new AbortController();
  return Object.defineProperty(signal, 'aborted', { get: () => Atomics.load(flag, 0) === 1 });
}
