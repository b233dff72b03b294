import { Command } from 'commander';

import { runArgument, storeOption } from '../../options';
import type { TagArguments } from '../../actions/runs/change';

export function renameCommand(): Command {
  return new Command('rename')
    .description('Gives a run another name.')
    .addArgument(runArgument())
    .argument('<name>', 'what lists and reports call it')
    .addOption(storeOption())
    .action(async (id: string, name: string, options: { store: string }) =>
      (await import('../../actions/runs/change.js')).rename(id, name, options),
    );
}

export function tagCommand(): Command {
  return new Command('tag')
    .description('Adds tags to a run, or takes them off.')
    .addArgument(runArgument())
    .argument('[tags...]', 'to add')
    .option('--remove <tags...>', 'to take off')
    .addOption(storeOption())
    .action(async (id: string, added: string[], options: TagArguments) =>
      (await import('../../actions/runs/change.js')).tag(id, added, options),
    );
}

export function cancelCommand(): Command {
  return new Command('cancel')
    .description('Asks a run that goes on, wherever it does, to stop. What was finished stays.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .action(async (id: string, options: { store: string }) =>
      (await import('../../actions/runs/change.js')).cancel(id, options),
    );
}
