import { Command } from 'commander';

import { type ModelFileArguments, withModelFileOptions } from '../model-file-options';

export function evaluateCommand(): Command {
  const command = new Command('evaluate').description(
    'Attacks an ONNX file white-box on a dataset: a run like any other, in the store, in reports, on the dashboard.',
  );
  return withModelFileOptions(command).action(async (file: string, options: ModelFileArguments) =>
    (await import('../actions/evaluate.js')).evaluate(file, options),
  );
}
