import { Command, Option } from 'commander';

import { attackAtOption, feedOption, outputOption, positiveIndexOption } from '../options';
import type { GradientArguments } from '../actions/gradient';

export function gradientCommand(): Command {
  return new Command('gradient')
    .description('Writes the gradient of a loss, summed over a batch, with respect to the input of an ONNX file.')
    .argument('<model>', 'an ONNX file')
    .requiredOption('--input <file>', '.npy, a batch as the model takes it')
    .requiredOption('--labels <file>', '.npy of whole numbers, one class index a row')
    .addOption(
      new Option('--loss <name>', 'what is differentiated')
        .choices(['cross-entropy', 'margin'])
        .default('cross-entropy'),
    )
    .requiredOption(
      '--out <file>',
      'the gradient, float32 .npy of the shape of the input, or of the value with --attack-at',
    )
    .addOption(outputOption())
    .addOption(positiveIndexOption())
    .addOption(feedOption())
    .addOption(attackAtOption())
    .action(async (file: string, options: GradientArguments) =>
      (await import('../actions/gradient.js')).gradient(file, options),
    );
}
