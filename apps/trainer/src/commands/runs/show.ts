import { Command } from 'commander';

import { runArgument, storeOption } from '../../options';

export function showCommand(): Command {
  return new Command('show')
    .description('Shows a run: its state, what came of it in a sentence, and its experiment.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .option('--json', 'print JSON')
    .action(async (id: string, options: { store: string; json?: boolean }) =>
      (await import('../../actions/runs/show.js')).show(id, options),
    );
}
