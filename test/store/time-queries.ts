/**
 * What the dashboard asks of a store for each of its pages, timed on a store in a folder and on one on PostgreSQL that
 * have the same rows: milliseconds a query, without the server of the pages and the network.
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
import { ServerClock } from '../cluster/server-clock';
import { copyTables } from './copy-tables';
import { fillStore } from './fill-store';

/** Of each query, with other inputs where it has any. */
const TIMES = 21;

type Api = ReturnType<typeof createCaller>;
type Queries = Readonly<Record<string, (index: number) => Promise<unknown>>>;

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

/** Milliseconds of one query. */
interface Figure {
  readonly median: number;
  readonly slowest: number;
  /** Of processors, this process's and the server's: what is left of it where the machine is busy with other things. */
  readonly processors: number;
}

type Figures = Readonly<Record<string, Figure>>;

async function timed(query: (index: number) => Promise<unknown>, clock: ServerClock | undefined): Promise<Figure> {
  const times: number[] = [];
  await query(0);
  const asked = async () => {
    for (let index = 0; index < TIMES; index++) {
      const start = performance.now();
      await query(index);
      times.push(performance.now() - start);
    }
  };
  const { client, server } = await ServerClock.count(clock, TIMES, asked);
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(TIMES / 2)]!, slowest: times.at(-1)!, processors: client + server };
}

/** Times what is asked of a store. @returns the figures by query */
async function measure(store: Store, clock?: ServerClock): Promise<Figures> {
  const onError = (error: unknown) => console.error(error);
  const figures: Record<string, Figure> = {};
  for (const [name, query] of Object.entries(await queriesOf(createCaller({ store, onError }), store))) {
    figures[name] = await timed(query, clock);
  }
  return figures;
}

function print(name: string, figures: Figures, limit: number): void {
  const head = [`query, ${name}`, 'median', 'slowest', 'processors'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const [query, times] of Object.entries(figures)) {
    table.push([query, ...[times.median, times.slowest, times.processors].map((ms) => `${ms.toFixed(0)} ms`)]);
  }
  const late = Object.entries(figures).flatMap(([query, { median }]) => (median > limit ? [query] : []));
  console.log(table.toString());
  console.log(late.length === 0 ? `All within ${limit} ms.` : `Beyond ${limit} ms: ${late.join(', ')}.`);
}

/** Opens a store for something and closes it. */
async function within<T>(location: string, artifacts: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(location, { create: true, artifacts });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function saying<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return result;
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
    const [own, files] = [path.join(folder, 'store'), path.join(folder, 'store/artifacts')];
    await within(own, files, async (store) => {
      const filled = `Filled a folder with ${size.runs} runs and ${size.instances} instances`;
      await saying(filled, () => fillStore(store, { ...size, seed: 1 }));
      if (stores.includes('SQLite')) print('SQLite', await measure(store), limit);
    });
    if (server) {
      const url = await server.database();
      await within(url, files, async (store) => {
        await saying('Copied it to PostgreSQL', () => copyTables(own, url));
        // As a server does by itself after a while.
        await server.query('vacuum analyze', new URL(url).pathname.slice(1));
        print('PostgreSQL', await measure(store, await ServerClock.of(server)), limit);
      });
    }
  } finally {
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
