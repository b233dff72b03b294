// A thread of its own for a plugin's dataset, so that it can be ended.
import { parentPort, workerData } from 'node:worker_threads';

import { isRampartError, messageOf } from '@rampart/core';

import { datasets } from '../components';
import type { DatasetThreadMessage, DatasetThreadTask } from './load-dataset';
import { usePlannedPlugins } from './use-plugins';

const { plugins, spec, dataDir } = workerData as DatasetThreadTask;

const tell = (message: DatasetThreadMessage) => parentPort!.postMessage(message);

async function load(): Promise<void> {
  usePlannedPlugins(plugins);
  const { definition, params } = datasets.resolve(spec);
  const dataset = await definition.load(params, {
    ...(dataDir === undefined ? {} : { dataDir }),
    onProgress: (progress) => tell({ type: 'progress', progress }),
  });
  tell({ type: 'loaded', dataset });
}

load().catch((error: unknown) => {
  tell({ type: 'failed', code: isRampartError(error) ? error.code : undefined, message: messageOf(error) });
});
