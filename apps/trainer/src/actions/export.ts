import { exportRun } from '../export/export-run';
import type { Export } from '../export/exports';
import { refuseExisting } from '../export/write-new';
import { onStore } from '../on-store';

export interface ExportArguments {
  readonly what: Export;
  readonly output: string;
  readonly store: string;
  readonly dataDir?: string;
}

/** `rampart export`. */
export async function exportOf(
  id: string,
  { what, output, store: directory, dataDir }: ExportArguments,
): Promise<void> {
  await refuseExisting(output);
  const command = { doing: 'exporting', stopped: 'Stopped. Nothing was written.' };
  await onStore({ directory, ...command }, async (store, signal, loading) => {
    const run = await store.runs.get(id);
    const onProgress = loading.progress.bind(loading);
    await exportRun(what, output, store, run, { signal, dataDir, onProgress });
  });
}
