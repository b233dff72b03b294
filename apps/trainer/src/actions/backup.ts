import { backupStore } from '@rampart/results';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { onStore } from '../on-store';

/** `rampart backup`. */
export async function backup(folder: string, options: { readonly store: string }): Promise<void> {
  const command = { doing: 'copying', stopping: 'stopping', stopped: 'Stopped. Nothing was written.' };
  await onStore({ directory: options.store, ...command }, async (store, signal, loading) => {
    const { files, faults } = await backupStore(store, folder, {
      signal,
      onProgress: (progress) => loading.progress(progress),
    });
    loading.close();
    process.stdout.write(`${folder} has the database of ${store.location} and ${files} files.\n`);
    if (faults.length === 0) return;
    for (const fault of faults) process.stderr.write(`rampart: ${fault}; it was not copied\n`);
    throw new ExitCode(EXIT_FAILED);
  });
}
