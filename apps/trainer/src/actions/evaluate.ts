import { modelFileExperiment, runArguments, showExperiment } from '../model-file-experiment';
import type { ModelFileArguments } from '../model-file-options';
import { perform } from '../perform';

/** `rampart evaluate`. */
export async function evaluate(file: string, options: ModelFileArguments): Promise<void> {
  const experiment = modelFileExperiment('evaluate', file, options);
  await perform(experiment, { ...runArguments(options), ...(!options.json && { before: showExperiment }) });
}
