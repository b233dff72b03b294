import { workerData } from 'node:worker_threads';

import { type Crew, isRampartError, messageOf } from '@rampart/core';
import { openArtifacts } from '@rampart/results/artifacts';

import { heldDataset, holdDataset } from './held-dataset';
import type { HelpCall } from './help-desk';
import { helpWith } from './pieces';
import { StepWorker } from './step-worker';
import type { StepResult } from './steps/context';
import type { ThreadMessage, ThreadReply, ThreadTask } from './thread-executor';

const { artifacts } = workerData as { readonly artifacts: string };
const worker = openArtifacts(artifacts).then((files) => new StepWorker(files));

/** The work of one thread: a step, or a hand in that of another. */
export default async function work(task: ThreadTask | HelpCall): Promise<ThreadReply> {
  try {
    if ('task' in task) return { ok: true, result: await runTask(task) };
    await helpWith(task);
    return { ok: true, result: undefined };
  } catch (error) {
    return {
      ok: false,
      code: isRampartError(error) ? error.code : undefined,
      message: messageOf(error),
      stack: error instanceof Error ? (error.stack ?? '') : '',
    };
  }
}

async function runTask({ task, data, cancelled, progress, alone }: ThreadTask): Promise<StepResult> {
  const tell = (message: ThreadMessage) => progress.postMessage(message);
  const crew: Crew = { call: (job, board) => tell({ job, board }) };
  tell('begun');
  if (data) holdDataset(task.dataset, data);
  try {
    return await (
      await worker
    ).run(task, {
      ...{ signal: sharedSignal(cancelled), onProgress: tell },
      ...(!alone && { crew }),
    });
  } finally {
    const loaded = data ? undefined : heldDataset(task.dataset);
    if (loaded) tell({ loaded });
    progress.close();
  }
}

/** A signal whose state is a shared flag. It fires no event: long work asks `aborted` between its native calls. */
function sharedSignal(flag: Int32Array): AbortSignal {
  const { signal } = new AbortController();
  return Object.defineProperty(signal, 'aborted', { get: () => Atomics.load(flag, 0) === 1 });
}
