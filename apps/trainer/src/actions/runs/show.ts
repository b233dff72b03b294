import { visible } from '@rampart/core';
import { readStandings, type StandingTable } from '@rampart/reports';
import type { NoteRecord, RunSummary } from '@rampart/results';

import { tookText } from './took';
import { withStore } from '../../with-store';

/** `rampart runs show`. */
export async function show(id: string, { store: directory, json }: { store: string; json?: boolean }): Promise<void> {
  await withStore(directory, { readOnly: true }, async (store) => {
    const run = await store.runs.get(id);
    const standings = await readStandings(store, run);
    const note = await store.notes.find({ run: run.id });
    if (json) process.stdout.write(`${JSON.stringify({ ...run, note, standings }, null, 2)}\n`);
    else process.stdout.write(visible(showText(run, standings, note)));
  });
}

function showText(run: RunSummary, standings: readonly StandingTable[], note: NoteRecord | undefined): string {
  const facts = [
    ['run', run.id],
    ['name', run.name],
    ['state', `${run.state}, ${run.stepsDone} of ${run.stepsTotal} steps`],
    ...(run.error === undefined ? [] : [['error', run.error]]),
    ['started', new Date(run.startedAt).toISOString().slice(0, 19).replace('T', ' ')],
    ['took', tookText(run)],
    ['dataset', run.dataset],
    ['models', run.models.join(', ')],
    ['seeds', run.seeds.join(', ')],
    ['engine', run.engine],
    ['tags', run.tags.join(', ') || '-'],
  ];
  const next =
    run.state === 'done'
      ? `"rampart report ${run.id}" has its figures.`
      : run.state === 'running'
        ? `"rampart runs cancel ${run.id}" stops it.`
        : `"rampart runs resume ${run.id}" goes on with it.`;
  return [
    ...facts.map(([name = '', value = '']) => `${name.padEnd(9)}${value}`),
    ...run.notes.map((note) => `${'note'.padEnd(9)}${note}`),
    ...(note && note.text !== '' ? ['', `${note.author} says:`, note.text] : []),
    ...standings.flatMap(({ headline }) => ['', headline.title, headline.text]),
    ...[
      '',
      'Its experiment:',
      ...run.experiment
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
    ],
    ...['', next, ''],
  ].join('\n');
}
