/**
 * What the dashboard asks of a store for each of its pages, timed on a store in a folder and on one on PostgreSQL that
 * are filled alike: milliseconds a query, without the server of the pages and the network.
 *
 *   node --conditions=@rampart/source --require=@swc-node/register test/store/time-queries.ts
 *     [--runs 500] [--instances 1000000] [--limit 200] [--stores SQLite,PostgreSQL]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { createCaller } from '@rampart/api';
import { openStore, type Store } from '@rampart/results';
import Table from 'cli-table3';

import { programsOfPostgres, TemporaryServer } from '../../libs/results/src/postgres/temporary-server.process';
import { fillStore } from './fill-store';

/** Of each query, with other inputs where it has any. */
const TIMES = 21;

type Api = ReturnType<typeof createCaller>;
type Queries = Readonly<Record<string, (index: number) => Promise<unknown>>>;

interface Size {
  readonly runs: number;
  readonly instances: number;
}

/** By the page that asks. */
async function queriesOf(api: Api, store: Store): Promise<Queries> {
  // The first of every ten is a large one.
  const { runs } = await store.runs.list({ descending: false, limit: 1 });
  const { id } = runs[0]!;
  const [, model] = await store.models.ofRun(id);
  const label = model!.label;
  return {
    runs: (i) => api.runs.list({ page: i + 1 }),
    'runs, ranked': (i) => api.runs.list({ order: 'robust-accuracy', page: i + 1 }),
    'runs, searched': (i) => api.runs.list({ search: `paper ${i}` }),
    'a run': () => api.runs.get({ id }),
    'its standings': () => api.runs.standings({ id }),
    'its findings': () => api.runs.findings({ id }),
    'its matrix': () => api.runs.matrix({ id }),
    'beyond its matrix': () => api.runs.beyond({ id }),
    'what it was made with': () => api.runs.madeWith({ id }),
    'a cell': () => api.runs.cell({ id, model: label, attack: 'cg', mode: 'adaptive' }),
    'its threats': () => api.robustness.threats({ id }),
    'curves of threats': () => api.robustness.curves({ id }),
    'recorded curves': () => api.curves.recorded({ id }),
    'curves over epsilon': () => api.curves.epsilon({ id }),
    'a page of the gallery': (i) => api.gallery.page({ id, page: i + 1 }),
    'of those that evaded': (i) => api.gallery.page({ id, outcome: 'evaded', page: i + 1 }),
    'of one cell': (i) => api.gallery.page({ id, model: label, attack: 'adam', page: i + 1 }),
    'an instance': (i) => api.gallery.instance({ id, testIndex: 2 * i }),
    'models of a run': () => api.models.ofRun({ id }),
    models: (i) => api.models.list({ page: i + 1 }),
    'models, searched': (i) => api.models.list({ search: ['rad', 'iaec', 'lenet5'][i % 3]! }),
    'a model': () => api.models.get({ artifact: model!.artifact }),
    leaderboard: () => api.leaderboard.rows({}),
    'at an epsilon': (i) => api.leaderboard.rows({ at: { norm: 'linf', epsilon: (i + 1) / 100 } }),
    compare: () => api.compare.table({ columns: runs.map((run) => ({ run: run.id })) }),
    experiment: () => api.experiments.ofRun({ id }),
    'swap in': () => api.swapIn.catalog(),
    workers: () => api.workers.overview(),
  };
}

async function timed(query: (index: number) => Promise<unknown>): Promise<{ median: number; slowest: number }> {
  const times: number[] = [];
  await query(0);
  for (let index = 0; index < TIMES; index++) {
    const start = performance.now();
    await query(index);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(TIMES / 2)]!, slowest: times.at(-1)! };
}

/** Fills a store and times what is asked of it. @returns the figures by query */
async function measure(location: string, files: string, size: Size, settle: () => Promise<unknown>) {
  const store = await openStore(location, { create: true, artifacts: files });
  const onError = (error: unknown) => console.error(error);
  try {
    await fillStore(store, { ...size, seed: 1 });
    await settle();
    const figures: Record<string, { median: number; slowest: number }> = {};
    for (const [name, query] of Object.entries(await queriesOf(createCaller({ store, onError }), store))) {
      figures[name] = await timed(query);
    }
    return figures;
  } finally {
    await store.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: Object.fromEntries(
      ['runs', 'instances', 'limit', 'stores'].map((name) => [name, { type: 'string' as const }]),
    ) as Record<'runs' | 'instances' | 'limit' | 'stores', { readonly type: 'string' }>,
  });
  const size = { runs: Number(values.runs ?? 500), instances: Number(values.instances ?? 1_000_000) };
  const limit = Number(values.limit ?? 200);
  const stores = (values.stores ?? 'SQLite,PostgreSQL').split(',');
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-queries-'));
  const onServer = stores.includes('PostgreSQL') && programsOfPostgres() !== undefined;
  const server = onServer ? await TemporaryServer.make() : undefined;
  try {
    console.log(`Filling stores with ${size.runs} runs and ${size.instances} instances; this takes minutes ...`);
    const found: Record<string, Awaited<ReturnType<typeof measure>>> = {};
    if (server) {
      const url = await server.database();
      // As a server does by itself after a while.
      const settle = () => server.query('vacuum analyze', new URL(url).pathname.slice(1));
      found['PostgreSQL'] = await measure(url, path.join(folder, 'files'), size, settle);
    }
    if (stores.includes('SQLite')) {
      const own = path.join(folder, 'store');
      found['SQLite'] = await measure(own, path.join(own, 'artifacts'), size, () => Promise.resolve());
    }
    for (const [name, figures] of Object.entries(found)) {
      const table = new Table({ head: [`query, ${name}`, 'median', 'slowest'], style: { head: [], border: [] } });
      for (const [query, { median, slowest }] of Object.entries(figures)) {
        table.push([query, `${median.toFixed(0)} ms`, `${slowest.toFixed(0)} ms`]);
      }
      const late = Object.entries(figures).flatMap(([query, { median }]) => (median > limit ? [query] : []));
      console.log(table.toString());
      console.log(late.length === 0 ? `All within ${limit} ms.` : `Beyond ${limit} ms: ${late.join(', ')}.`);
    }
  } finally {
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
