import { backupStore, openStore } from '@rampart/results';
import { Command } from 'commander';

import { EXIT_FAILED, EXIT_INTERRUPTED, ExitCode } from '../exit-code';
import { storeOption } from '../options';
import { openLoading } from '../progress';
import { untilInterrupted } from '../until-interrupted';

export function backupCommand(): Command {
  return new Command('backup')
    .description('Copies the store into a new folder, which is a store in turn, also while runs go on.')
    .argument('<folder>', 'the folder of the copy')
    .addOption(storeOption())
    .action(backup);
}

async function backup(folder: string, options: { readonly store: string }): Promise<void> {
  const interrupt = untilInterrupted('stopping');
  const loading = openLoading('copying');
  try {
    const store = await openStore(options.store, { readOnly: true });
    try {
      const { files, faults } = await backupStore(store, folder, {
        signal: interrupt.signal,
        onProgress: (progress) => loading.progress(progress),
      });
      loading.close();
      process.stdout.write(`${folder} has the database of ${store.directory} and ${files} files.\n`);
      if (faults.length === 0) return;
      for (const fault of faults) process.stderr.write(`rampart: ${fault}; it was not copied\n`);
      throw new ExitCode(EXIT_FAILED);
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
}
