import { Command } from 'commander';

import { withModelFileOptions } from '../model-file-options';
import type { GateArguments } from '../actions/gate';

export function gateCommand(): Command {
  const command = new Command('gate').description(
    'Evaluates an ONNX file and decides: exit code 0 where it is robust enough, 3 where it is not or that is not shown.',
  );
  return withModelFileOptions(command)
    .requiredOption('--at-least <share>', 'robust accuracy that the 95% interval must not reach below: 0.45')
    .option('--baseline <run>', 'an earlier run on the same instances, whose model it must not be worse than')
    .action(async (file: string, options: GateArguments) => (await import('../actions/gate.js')).gate(file, options));
}
