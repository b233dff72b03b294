import { visible } from '@rampart/core';
import { textTable } from '@rampart/reports';
import type { RunQuery, RunSummary, Shelf } from '@rampart/results';

import { terminal } from '../../terminal';
import { tookText } from './took';
import { withStore } from '../../with-store';

export interface ListArguments extends Pick<RunQuery, 'search' | 'state' | 'dataset' | 'tag' | 'order'> {
  readonly archived?: boolean;
  readonly deleted?: boolean;
  readonly limit: number;
  readonly store: string;
  readonly json?: boolean;
}

/** `rampart runs list`. */
export async function listRuns({ store: directory, json, archived, deleted, ...query }: ListArguments): Promise<void> {
  const shelves: Shelf[] = [...(archived ? (['archived'] as const) : []), ...(deleted ? (['deleted'] as const) : [])];
  const { runs, total } = await withStore(directory, { readOnly: true }, (store) =>
    store.runs.list({ ...query, ...(shelves.length > 0 && { shelves }) }),
  );
  if (json) process.stdout.write(`${JSON.stringify({ total, runs: runs.map(withoutText) }, null, 2)}\n`);
  else process.stdout.write(listText(runs, total));
}

/** What a list says of a run; its experiment's text is shown by itself. */
function withoutText({ experiment: _, images: _images, ...run }: RunSummary) {
  return run;
}

function listText(runs: readonly RunSummary[], total: number): string {
  if (total === 0) return 'No runs.\n';
  const rows = runs.map((run) => [
    run.id,
    run.name,
    run.state === 'done' ? 'done' : `${run.state} ${run.stepsDone}/${run.stepsTotal}`,
    run.dataset,
    tookText(run),
    [...run.tags, ...repeats(run, runs)].join(', '),
  ]);
  const table = textTable(
    ['run', 'name', 'state', 'dataset', 'took', 'tags'],
    rows.map((row) => row.map(visible)),
    terminal(),
  );
  const more = total > runs.length ? `${runs.length} of ${total} runs; --limit shows more.\n` : '';
  return `${table}\n${more}`;
}

/** Runs of one plan have the same figures: the later ones say so. */
function repeats(run: RunSummary, runs: readonly RunSummary[]): string[] {
  const first = runs.findLast((other) => other.planKey === run.planKey && other.state === 'done');
  return first && first !== run && run.state === 'done' ? [`same as ${shortId(first.id)}`] : [];
}

/** The last six digits, which name a run as well. */
function shortId(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1);
}
