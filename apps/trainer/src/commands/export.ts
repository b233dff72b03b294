import { Command, Option } from 'commander';

import { type Export, exportRun, EXPORTS } from '../export/export-run';
import { refuseExisting } from '../export/write-new';
import { onStore } from '../on-store';
import { storeOption } from '../options';

interface ExportArguments {
  readonly what: Export;
  readonly output: string;
  readonly store: string;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('Writes what a run found out for others: its examples, its report, or its figures in their layouts.')
    .argument('[run]', 'its identity, the beginning of it, or "latest"', 'latest')
    .addOption(
      new Option(
        '--what <name>',
        [
          'examples: .npz, and 8-bit PNG that still evade (folder); report: a page (.html); card: for a model card (.md);',
          "robustbench: RobustBench's model_info (folder); sarif: for code scanning (.sarif)",
        ].join(' '),
      )
        .choices(EXPORTS)
        .makeOptionMandatory(),
    )
    .requiredOption('--output <path>', 'the file or folder to write, which does not exist yet')
    .addOption(storeOption())
    .action(async (id: string, { what, output, store: directory }: ExportArguments) => {
      await refuseExisting(output);
      const command = { doing: 'exporting', stopped: 'Stopped. Nothing was written.' };
      await onStore({ directory, ...command }, async (store, signal, loading) => {
        const run = await store.runs.get(id);
        await exportRun(what, output, store, run, { signal, onProgress: (progress) => loading.progress(progress) });
      });
    });
}
