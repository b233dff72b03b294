import { Command } from 'commander';

import { runsArgument, storeOption } from '../../options';

export function archiveCommand(): Command {
  return new Command('archive')
    .description('Puts runs out of the way: lists and rankings have them only where that is asked for.')
    .addArgument(runsArgument())
    .addOption(storeOption())
    .action(async (ids: string[], options: { store: string }) =>
      (await import('../../actions/runs/shelf.js')).archive(ids, options),
    );
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Brings runs back that were deleted within the last days, or archived.')
    .addArgument(runsArgument())
    .addOption(storeOption())
    .action(async (ids: string[], options: { store: string }) =>
      (await import('../../actions/runs/shelf.js')).restore(ids, options),
    );
}
