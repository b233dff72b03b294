import { Command } from 'commander';

import { storeOption } from '../options';

export function backupCommand(): Command {
  return new Command('backup')
    .description('Copies the store into a new folder, which is a store in turn, also while runs go on.')
    .argument('<folder>', 'the folder of the copy')
    .addOption(storeOption())
    .action(async (folder: string, options: { readonly store: string }) =>
      (await import('../actions/backup.js')).backup(folder, options),
    );
}
