import { createInterface } from 'node:readline/promises';

import { RampartError, visible } from '@rampart/core';
import type { RunSummary } from '@rampart/results';

import { noteWrite } from '../../note-write';
import { withStore } from '../../with-store';

export interface DeleteArguments {
  readonly yes?: boolean;
  readonly store: string;
}

/** `rampart runs delete`. */
export async function deleteRuns(ids: string[], { yes, store: directory }: DeleteArguments): Promise<void> {
  await withStore(directory, { readOnly: false }, async (store) => {
    // All are found before the first is gone.
    const found = new Map<string, RunSummary>();
    for (const id of ids) {
      const run = await store.runs.get(id);
      found.set(run.id, run);
    }
    const running = [...found.values()].find(({ state }) => state === 'running');
    if (running) {
      throw new RampartError({
        code: 'usage',
        message: `Run ${running.id} is running. "rampart runs cancel ${running.id}" stops it.`,
      });
    }
    if (!yes && !(await confirmed([...found.values()]))) {
      process.stdout.write('Nothing was deleted.\n');
      return;
    }
    for (const id of found.keys()) {
      await store.runs.delete(id);
      await noteWrite(store, 'runs.delete', { id });
      process.stdout.write(`Deleted run ${id}.\n`);
    }
  });
}

async function confirmed(runs: readonly RunSummary[]): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new RampartError({
      code: 'usage',
      message: 'Nobody can be asked whether to delete: standard input is no terminal. Pass --yes to delete.',
    });
  }
  for (const { id, name, stepsDone } of runs) process.stderr.write(visible(`${id}  ${name}, ${stepsDone} steps\n`));
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question('Delete for good? [y/N] ')).trim());
  } finally {
    asking.close();
  }
}
