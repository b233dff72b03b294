import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Rng } from '@rampart/core';
import { formatReport } from '@rampart/reports';
import { DATABASE_FILE, openStore } from '@rampart/results';

import { mutate } from './mutate';
import { outcomeOf, say, sayReady } from './say';

/** Damages copies of a store, and reads each as the commands do. */
async function main([pristine, folder, first, end]: readonly string[]): Promise<void> {
  const expected = await readAll(pristine!);
  sayReady();
  for (let trial = Number(first); trial < Number(end); trial++) {
    const store = path.join(folder!, 'damaged');
    rmSync(store, { recursive: true, force: true });
    cpSync(pristine!, store, { recursive: true });
    damage(store, Rng.root(`store ${trial}`));
    try {
      const { whole, text } = await readAll(store);
      if (!whole) say(trial, 'seen');
      else if (text === expected.text) say(trial, 'harmless');
      else say(trial, 'lost', 'another report, and verify finds nothing');
    } catch (error) {
      const { outcome, said } = outcomeOf(error);
      say(trial, outcome, said);
    }
  }
}

function damage(store: string, rng: Rng): void {
  const files = readdirSync(path.join(store, 'artifacts'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.includes('.'),
  );
  // The database as often as all files together.
  const file =
    rng.uniform() < 0.5
      ? path.join(store, DATABASE_FILE)
      : path.join(store, 'artifacts', files[rng.integer(files.length)]!);
  if (rng.uniform() < 0.1) rmSync(file);
  else writeFileSync(file, mutate(readFileSync(file), rng));
}

/** The reports of every run, and whether `verify` finds the store whole. */
async function readAll(directory: string): Promise<{ readonly whole: boolean; readonly text: string }> {
  const store = await openStore(directory, { readOnly: true });
  try {
    const { database, steps, runs, files } = await store.verifier.verify();
    const texts: string[] = [];
    for (const run of (await store.runs.list()).runs) {
      for (const format of ['json', 'html', 'markdown'] as const) texts.push(await formatReport(store, run, format));
      await store.events.after(run.id, 0);
    }
    return { whole: [database, steps, runs, files].every((faults) => faults.length === 0), text: texts.join('\n') };
  } finally {
    await store.close();
  }
}

void main(process.argv.slice(2));
