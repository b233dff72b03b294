import { Command } from 'commander';

import {
  type ModelFileArguments,
  modelFileExperiment,
  runArguments,
  showExperiment,
  withModelFileOptions,
} from '../model-file-options';
import { perform } from './run';

export function evaluateCommand(): Command {
  const command = new Command('evaluate').description(
    'Attacks an ONNX file white-box on a dataset: a run like any other, in the store, in reports, on the dashboard.',
  );
  return withModelFileOptions(command).action(async (file: string, options: ModelFileArguments) => {
    const experiment = modelFileExperiment('evaluate', file, options);
    await perform(experiment, { ...runArguments(options), ...(!options.json && { before: showExperiment }) });
  });
}
