import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import {
  type Dataset,
  type DatasetSource,
  type ErrorCode,
  type LoadOptions,
  type Progress,
  RampartError,
} from '@rampart/core';

import { foreignName } from './foreign-components';
import { afterSeconds, PLUGIN_SECONDS } from './time-limit';
import type { PluginRef } from './use-plugins';

/** What the thread is told. */
export interface DatasetThreadTask {
  readonly plugins: readonly PluginRef[];
  readonly spec: DatasetSource['spec'];
  readonly dataDir: string | undefined;
}

/** What the thread says. */
export type DatasetThreadMessage =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'loaded'; readonly dataset: Dataset }
  | { readonly type: 'failed'; readonly code: ErrorCode | undefined; readonly message: string };

export interface LoadDatasetOptions extends LoadOptions {
  readonly plugins: readonly PluginRef[];
  /** Seconds that a plugin's dataset may take; an hour where nothing is said. */
  readonly timeLimit: number | undefined;
}

/**
 * Loads a dataset: Rampart's own in this thread, one of a plugin in a thread that can be ended.
 * @throws RampartError `contract` where a plugin's dataset takes longer than the limit, `cancelled`, and what it throws
 */
export function loadDataset(source: DatasetSource, options: LoadDatasetOptions): Promise<Dataset> {
  const { plugins, timeLimit = PLUGIN_SECONDS, ...load } = options;
  const { origin } = source.definition;
  if (origin === undefined) return source.definition.load(source.params, load);
  const whose = foreignName(origin, 'dataset', source.label);
  return new Promise((resolve, reject) => {
    const workerData: DatasetThreadTask = { plugins, spec: source.spec, dataDir: load.dataDir };
    const worker = new Worker(join(__dirname, 'dataset-entry.js'), { workerData });
    const fail = (code: ErrorCode, message: string) => reject(new RampartError({ code, message }));
    const timer = afterSeconds(timeLimit, () => {
      fail(
        'contract',
        `${whose}: it did not load within ${timeLimit} s, and its thread was ended. Raise stepTimeLimit in the experiment file if it needs longer.`,
      );
      void worker.terminate();
    });
    const cancel = () => {
      fail('cancelled', 'Cancelled.');
      void worker.terminate();
    };
    if (load.signal?.aborted) cancel();
    load.signal?.addEventListener('abort', cancel);
    worker.on('message', (message: DatasetThreadMessage) => {
      if (message.type === 'progress') return load.onProgress?.(message.progress);
      if (message.type === 'failed') fail(message.code ?? 'contract', message.message);
      else resolve(message.dataset);
      void worker.terminate();
    });
    worker.once('error', (error) => fail('contract', `${whose}: ${error.message}`));
    worker.once('exit', (code) => {
      clearTimeout(timer);
      load.signal?.removeEventListener('abort', cancel);
      // Settled already, unless it ended before it said anything.
      fail('contract', `${whose}: it ended its thread with code ${code}.`);
    });
  });
}
