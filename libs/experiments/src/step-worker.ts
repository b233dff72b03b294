import { type Dataset, type Parameters, type Progress, RampartError, Rng, type WorkOptions } from '@rampart/core';
import type { ArtifactStore } from '@rampart/results';

import { datasets } from './components';
import type { DatasetRequest, StepTask } from './executor';
import { fitClasses } from './fit-classes';
import { heldDataset, holdDataset } from './held-dataset';
import { inNamedColumns } from './named-columns';
import { type PluginRef, usePlannedPlugins } from './plugins/use-plugins';
import { samplesAt } from './samples-at';
import type { StepResult } from './steps/context';
import { executeStep } from './steps/execute';
import { giveBackUnusedMemory } from './unused-memory';

/** How often a step under way may have memory collected, which takes some hundredths of a second. */
const BETWEEN_COLLECTIONS_MS = 1_000;

/** Does steps one after the other; the dataset is kept between them. */
export class StepWorker {
  private used = '';

  constructor(private readonly artifacts: ArtifactStore) {}

  async run({ step, inputs, dataset, plugins = [] }: StepTask, options: WorkOptions): Promise<StepResult> {
    this.use(plugins);
    let next = 0;
    const onProgress = (progress: Progress) => {
      options.onProgress?.(progress);
      if (performance.now() < next) return;
      giveBackUnusedMemory();
      next = performance.now() + BETWEEN_COLLECTIONS_MS;
    };
    try {
      return await executeStep(step, {
        ...options,
        onProgress,
        dataset: heldDataset(dataset) ?? holdDataset(dataset, await load(dataset)),
        artifacts: this.artifacts,
        inputs: new Map(inputs.map((record) => [record.key, record])),
        rng: Rng.root(step.key),
      });
    } finally {
      giveBackUnusedMemory();
    }
  }

  /** Loads the plugins once; steps of one executor have the same. */
  private use(plugins: readonly PluginRef[]): void {
    const key = plugins.map(({ content }) => content).join();
    if (key === this.used) return;
    usePlannedPlugins(plugins);
    this.used = key;
  }
}

async function load({ name, params, dataDir, names, columns, inside, checksum }: DatasetRequest): Promise<Dataset> {
  const source = datasets.resolve({ name, params: params as Parameters });
  const read = await source.definition.load(source.params, { ...(dataDir === undefined ? {} : { dataDir }) });
  const raw = names ? inNamedColumns(read, names) : read;
  const loaded = inside ? await samplesAt(inside, raw) : raw;
  const dataset = columns === undefined ? loaded : fitClasses(loaded, columns);
  if (dataset.checksum === checksum) return dataset;
  throw new RampartError({
    code: 'bad-data',
    message: `The data of ${source.label} changed after the run was planned: expected checksum ${checksum}, received ${dataset.checksum}. Run the experiment again.`,
  });
}
