import { RampartError } from '@rampart/core';

import { noteWrite } from '../../note-write';
import { withStore } from '../../with-store';

/** `rampart runs archive`. */
export async function archive(ids: string[], { store: directory }: { readonly store: string }): Promise<void> {
  await withStore(directory, { readOnly: false }, async (store) => {
    for (const run of await Promise.all(ids.map((id) => store.runs.get(id)))) {
      await store.runs.archive(run.id, true);
      await noteWrite(store, 'runs.archive', { id: run.id });
      process.stdout.write(`Run ${run.id} is archived. "rampart runs restore ${run.id}" lists it again.\n`);
    }
  });
}

/** `rampart runs restore`: what was deleted, or else archived. */
export async function restore(ids: string[], { store: directory }: { readonly store: string }): Promise<void> {
  await withStore(directory, { readOnly: false }, async (store) => {
    for (const id of ids) {
      const kept = await store.runs.find(id);
      if (kept && kept.archivedAt === undefined) throw nothingToRestore(kept.id);
      const run = kept ?? (await store.runs.restore(id));
      if (kept) await store.runs.archive(run.id, false);
      await noteWrite(store, 'runs.restore', { id: run.id });
      const where = !kept && run.archivedAt !== undefined ? 'in the archive' : 'listed';
      process.stdout.write(`Run ${run.id} is ${where} again.\n`);
    }
  });
}

function nothingToRestore(id: string): RampartError {
  return new RampartError({
    code: 'usage',
    message: `Run ${id} is neither archived nor deleted: there is nothing to restore.`,
  });
}
