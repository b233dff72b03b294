import { createInterface } from 'node:readline/promises';

import { RampartError, visible } from '@rampart/core';
import { RESTORABLE_MS, type RunSummary } from '@rampart/results';

import { noteWrite } from '../../note-write';
import { withStore } from '../../with-store';

export interface DeleteArguments {
  readonly yes?: boolean;
  readonly forGood?: boolean;
  readonly store: string;
}

const DAYS = RESTORABLE_MS / 86_400_000;

/** `rampart runs delete`. */
export async function deleteRuns(ids: string[], { yes, forGood, store: directory }: DeleteArguments): Promise<void> {
  await withStore(directory, { readOnly: false }, async (store) => {
    // All are found before the first is gone.
    const found = new Map<string, RunSummary>();
    for (const id of ids) {
      // "latest" and beginnings mean a run that is deleted already only where they mean no other.
      const kept = await store.runs.find(id);
      const deleted = forGood && !kept ? await store.runs.find(id, { deleted: true }) : undefined;
      const run = kept ?? deleted ?? (await store.runs.get(id));
      found.set(run.id, run);
    }
    const running = [...found.values()].find(({ state }) => state === 'running');
    if (running) {
      throw new RampartError({
        code: 'usage',
        message: `Run ${running.id} is running. "rampart runs cancel ${running.id}" stops it.`,
      });
    }
    const how = forGood ? 'for good' : `with ${DAYS} days to restore`;
    if (!yes && !(await confirmed([...found.values()], how))) {
      process.stdout.write('Nothing was deleted.\n');
      return;
    }
    for (const id of found.keys()) {
      await (forGood ? store.runs.remove(id) : store.runs.delete(id));
      await noteWrite(store, forGood ? 'runs.remove' : 'runs.delete', { id });
      const then = forGood ? '' : ` "rampart runs restore ${id}" brings it back within ${DAYS} days.`;
      process.stdout.write(`Deleted run ${id}.${then}\n`);
    }
    await store.runs.collect();
  });
}

async function confirmed(runs: readonly RunSummary[], how: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new RampartError({
      code: 'usage',
      message: 'Nobody can be asked whether to delete: standard input is no terminal. Pass --yes to delete.',
    });
  }
  for (const { id, name, stepsDone } of runs) process.stderr.write(visible(`${id}  ${name}, ${stepsDone} steps\n`));
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`Delete, ${how}? [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
