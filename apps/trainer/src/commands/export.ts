import { openStore } from '@rampart/results';
import { Command, Option } from 'commander';

import { EXIT_INTERRUPTED, ExitCode } from '../exit-code';
import { type Export, exportRun, EXPORTS } from '../export/export-run';
import { refuseExisting } from '../export/write-new';
import { storeOption } from '../options';
import { openLoading } from '../progress';
import { untilInterrupted } from '../until-interrupted';

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
      const interrupt = untilInterrupted();
      const loading = openLoading('exporting');
      try {
        const store = await openStore(directory, { readOnly: true });
        try {
          await exportRun(what, output, store, await store.runs.get(id), {
            signal: interrupt.signal,
            onProgress: (progress) => loading.progress(progress),
          });
        } finally {
          await store.close();
        }
      } catch (error) {
        if (!interrupt.signal.aborted) throw error;
        process.stderr.write('Stopped. Nothing was written.\n');
        throw new ExitCode(EXIT_INTERRUPTED);
      } finally {
        loading.close();
        interrupt.dispose();
      }
    });
}
