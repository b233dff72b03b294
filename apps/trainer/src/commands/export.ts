import { Command, Option } from 'commander';

import { EXPORTS } from '../export/exports';
import { dataDirOption, storeOption } from '../options';
import type { ExportArguments } from '../actions/export';

export function exportCommand(): Command {
  return new Command('export')
    .description('Writes what a run found out for others: its examples, its report, or its figures in their layouts.')
    .argument('[run]', 'its identity, the beginning of it, or "latest"', 'latest')
    .addOption(
      new Option(
        '--what <name>',
        [
          'examples: .npz, and 8-bit PNG that still evade (folder); report: a page (.html); card: for a model card (.md);',
          "robustbench: RobustBench's model_info (folder); sarif: for code scanning (.sarif);",
          'hardened: model files that it hardened, with the inputs and outputs of their originals (folder)',
        ].join(' '),
      )
        .choices(EXPORTS)
        .makeOptionMandatory(),
    )
    .requiredOption('--output <path>', 'the file or folder to write, which does not exist yet')
    .addOption(storeOption())
    .addOption(dataDirOption())
    .action(async (id: string, options: ExportArguments) =>
      (await import('../actions/export.js')).exportOf(id, options),
    );
}
