import { Command } from 'commander';

import { withModelFileOptions } from '../model-file-options';
import { engineOption } from '../options';
import type { HardenArguments } from '../actions/harden';

export function hardenCommand(): Command {
  const command = new Command('harden').description(
    "Trains an ONNX file's own weights into a defense, reports before and after, and writes the hardened file.",
  );
  return withModelFileOptions(command)
    .requiredOption('--defense <component>', 'a defense: "rad(attack=adam)"')
    .addOption(engineOption())
    .requiredOption('--out <file>', 'the hardened ONNX file, with the input and output of the original')
    .action(async (file: string, options: HardenArguments) =>
      (await import('../actions/harden.js')).harden(file, options),
    );
}
