import { Command, InvalidArgumentError } from 'commander';

import { attackAtOption, feedOption, outputOption, positiveIndexOption, preprocessOption } from '../options';
import type { InspectArguments } from '../actions/inspect';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Looks into an ONNX file: operators, output, determinism, batch sizes, and its input gradient.')
    .argument('<model>', 'an ONNX file')
    .option('--shape <shape>', 'shape of one sample where the file leaves it open: 3x224x224 for an image', sampleSize)
    .addOption(preprocessOption())
    .addOption(outputOption())
    .addOption(positiveIndexOption())
    .addOption(feedOption())
    .addOption(attackAtOption())
    .option('--json', 'print JSON')
    .action(async (file: string, options: InspectArguments) =>
      (await import('../actions/inspect.js')).inspect(file, options),
    );
}

function sampleSize(text: string): number[] {
  if (!/^[1-9]\d*(x[1-9]\d*)*$/.test(text)) {
    throw new InvalidArgumentError('Expected sizes parted by x: 3x224x224 for an image, 16000 for sound or a row.');
  }
  return text.split('x').map(Number);
}
