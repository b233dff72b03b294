import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';

import { DATABASE_FILE } from './open-folder';
import type { CellRecord, InstanceRecord } from './records';
import type { NewRun } from './run-store';
import { openStore, type Store } from './store';

const RUN: NewRun = {
  name: 'quickstart',
  planKey: 'plan',
  experiment: 'dataset: mnist',
  dataset: 'mnist',
  published: undefined,
  engine: 'onnx',
  seeds: [1],
  stepsTotal: 1,
};

const instance = (position: number): InstanceRecord => ({
  evaluateStep: 'e',
  position,
  testIndex: position * 2,
  label: 0,
  predictionBefore: 0,
  predictionAfter: position % 2,
  confidenceBefore: 0.9,
  confidenceAfter: 0.6,
  distortion: 0.01,
  linf: position / 2,
  iterations: 3,
});

const cell = (runId: string): CellRecord => ({
  ...{ runId, seed: 1, model: 'lenet5', attack: 'cg', mode: 'adaptive', metric: 'error-rate', unit: 'fraction' },
  ...{ value: 0.5, low: 0.4, high: 0.6, count: 3, attackStep: 'a', evaluateStep: 'e' },
});

describe('a store that is a folder', () => {
  let directory: string;
  let store: Store;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-store-'));
    store = await openStore(directory, { create: true });
  });

  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('says that a store is missing, and what to do', async () => {
    const missing = path.join(directory, 'nowhere');
    await expect(openStore(missing)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringContaining('There is no store in') as string,
    });
  });

  it('refuses a folder that is a file, and a database that is none', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, 'text');
    await expect(openStore(file, { create: true })).rejects.toMatchObject({ code: 'store' });
    const other = await mkdtemp(path.join(tmpdir(), 'rampart-store-'));
    await writeFile(path.join(other, DATABASE_FILE), 'not a database'.repeat(100));
    await expect(openStore(other)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('is damaged or is no store') as string,
    });
    await rm(other, { recursive: true });
  });

  it('refuses a database that is cut off behind its first page', async () => {
    const other = await mkdtemp(path.join(tmpdir(), 'rampart-store-'));
    await writeFile(
      path.join(other, DATABASE_FILE),
      Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(84)]),
    );
    await expect(openStore(other)).rejects.toMatchObject({ code: 'damaged' });
    await rm(other, { recursive: true });
  });

  it('refuses a store that a newer version has written', async () => {
    await store.close();
    const database = new DatabaseSync(path.join(directory, DATABASE_FILE));
    database.exec(`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')`);
    database.close();
    await expect(openStore(directory)).rejects.toMatchObject({
      code: 'store',
      message: expect.stringContaining('newer version') as string,
    });
    store = await openStore(path.join(directory, 'another'), { create: true });
  });

  it('leaves nothing in the log of changes when it is closed', async () => {
    await store.runs.create(RUN);
    await store.close();
    const log = await stat(path.join(directory, `${DATABASE_FILE}-wal`)).catch(() => undefined);
    expect(log?.size ?? 0).toBe(0);
    store = await openStore(directory);
  });

  it('brings what an older version wrote up to date: what came of instances, and how models stand', async () => {
    const { id } = await store.runs.create(RUN);
    const step = { key: 'e', kind: 'evaluate', label: 'l', output: null, artifacts: [], seconds: 1, finishedAt: 1 };
    await store.steps.finish(step, [0, 1, 2].map(instance));
    await store.cells.put([cell(id)]);
    const before = await store.standings.ofRuns([id]);
    expect(before).toMatchObject([{ model: 'lenet5', attackable: 3, evaded: 1, unmoved: 1 }]);
    await store.close();
    const older = new DatabaseSync(path.join(directory, DATABASE_FILE));
    older.exec(`
        delete from kysely_migration where name >= '0004';
        drop table standings;
        alter table steps drop column digest;
        alter table steps drop column instances_digest;
        alter table steps drop column damaged_at;
        drop table workers;
        drop table tokens;
        drop table writes;
        drop table notes;
        drop table model_tags;
        drop table views;
        drop table certificates;
        alter table runs drop column archived_at;
        alter table runs drop column deleted_at;
        alter table runs drop column seconds_left;
        alter table run_steps drop column cells;
        alter table run_steps drop column needs;
        alter table runs drop column figures_digest;
        update instances set outcome = 0 where outcome = 3;
        alter table runs add column best_model text;
        alter table runs add column best_attack text;
        alter table runs add column best_mode text;
        alter table runs add column best_error double precision;
      `);
    older.close();
    store = await openStore(directory);
    expect(await store.standings.ofRuns([id])).toEqual(before);
    expect(await store.instances.counts(['e'])).toMatchObject({ unmoved: 1, resisted: 1, evaded: 1 });
  });
});

it('names another state once anybody has written, and the same until then', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rampart-state-'));
  const [one, other] = [await openStore(folder, { create: true }), await openStore(folder)];
  try {
    const first = await one.state();
    await one.runs.list({});
    expect(await one.state()).toBe(first);
    await one.runs.create(RUN);
    const second = await one.state();
    await other.runs.create(RUN);
    const third = await one.state();
    expect(new Set([first, second, third]).size).toBe(3);
    expect(await one.state()).toBe(third);
  } finally {
    await one.close();
    await other.close();
    await rm(folder, { recursive: true });
  }
});
