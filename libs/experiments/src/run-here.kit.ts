import type { RunRecord, Store } from '@rampart/results';

import { parseExperiment } from './experiment';
import { localExecutor } from './local-executor';
import { prepare, type Prepared, type PrepareOptions } from './prepare';
import { type RunOptions, runPlan } from './runner';

/**
 * Runs an experiment in this process, one step at a time.
 * @param folder that paths in the text are relative to
 */
export async function runHere(
  store: Store,
  text: string,
  folder: string,
  { onEvent, ...options }: Pick<RunOptions, 'onEvent'> & Omit<PrepareOptions, 'engine'> = {},
): Promise<{ readonly prepared: Prepared; readonly run: RunRecord }> {
  const prepared = await prepare(parseExperiment(text, 'tiny.yaml', folder), { ...options, engine: 'onnx' });
  const run = await runPlan({
    ...prepared,
    dataset: prepared.request,
    images: { classes: prepared.dataset.classes, box: prepared.dataset.box },
    store,
    executor: localExecutor(store),
    workers: 1,
    signal: new AbortController().signal,
    ...(onEvent && { onEvent }),
  });
  return { prepared, run };
}
