import { mkdtemp, readdir, rm, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { encodeNpy } from '@rampart/core';

import type { InstanceOrder } from './instance-store';
import { describeWithPostgres, TemporaryServer } from './postgres/temporary-server.process';
import { processOwner } from './process-owner';
import type { CellRecord, CertificateRecord, InstanceRecord } from './records';
import { type NewRun, RESTORABLE_MS, type Shelf } from './run-store';
import { openStore, type Store } from './store';

const RUN: NewRun = {
  name: 'quickstart',
  planKey: 'plan',
  experiment: 'dataset: mnist',
  dataset: 'mnist(classes=[4, 7])',
  published: 'mnist',
  engine: 'onnx',
  seeds: [1],
  stepsTotal: 3,
};

const cell = (runId: string, over: Partial<CellRecord> = {}): CellRecord => ({
  runId,
  seed: 1,
  model: 'lenet5',
  attack: 'cg',
  mode: 'static',
  metric: 'error-rate',
  unit: 'fraction',
  value: 0.5,
  low: 0.4,
  high: 0.6,
  count: 2010,
  attackStep: 'a',
  evaluateStep: 'e',
  ...over,
});

const certificate = (runId: string): CertificateRecord => ({
  ...{ runId, seed: 1, model: 'smoothed', sigma: 0.25, samples: 1000, selection: 100, alpha: 0.001, reach: 0.6 },
  ...{ features: 784, instances: 10, attackable: 5, abstained: 0.1, step: 'c' },
  curve: [
    [0, 0.9, 0.6, 1],
    [0.5, 0.4, 0.2, 0.7],
  ],
  attackableCurve: [[0, 0.8, 0.4, 1]],
});

const instance = (evaluateStep: string, position: number, over: Partial<InstanceRecord> = {}): InstanceRecord => ({
  evaluateStep,
  position,
  testIndex: position * 2,
  label: 0,
  predictionBefore: 0,
  predictionAfter: position % 2,
  confidenceBefore: 0.9,
  confidenceAfter: 0.6,
  distortion: 0.01,
  linf: 0.5,
  iterations: 3,
  ...over,
});

/** Everything that a store must do, whichever database it is on. */
function itIsAStore(database: (folder: string) => Promise<string>): void {
  let directory: string;
  let location: string;
  let store: Store;
  let time: number;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-store-'));
    location = await database(directory);
    time = Date.UTC(2026, 0, 2, 3, 4, 5);
    const artifacts = path.join(directory, 'artifacts');
    store = await openStore(location, { create: true, artifacts, now: () => time });
  });

  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  describe('opening', () => {
    it('finds in a store what was written before it was closed', async () => {
      const { id } = await store.runs.create(RUN);
      await store.close();
      store = await openStore(location, { now: () => time });
      expect(await store.runs.find(id)).toMatchObject({ name: 'quickstart', seeds: [1], state: 'running' });
    });

    it('refuses to change a store that was opened for reading', async () => {
      const { id } = await store.runs.create(RUN);
      const reader = await openStore(location, { readOnly: true, now: () => time });
      await expect(reader.runs.rename(id, 'other')).rejects.toMatchObject({ code: 'store' });
      expect((await reader.runs.get(id)).name).toBe('quickstart');
      await reader.close();
    });
  });

  describe('runs', () => {
    it('takes a running run without a sign of life for interrupted, and for running again after one', async () => {
      const { id } = await store.runs.create(RUN);
      time += 15_001;
      expect((await store.runs.get(id)).state).toBe('interrupted');
      expect((await store.runs.list({ state: 'interrupted' })).runs.map((run) => run.id)).toEqual([id]);
      expect((await store.runs.list({ state: 'running' })).total).toBe(0);
      await store.runs.heartbeat(id);
      expect((await store.runs.get(id)).state).toBe('running');
      expect((await store.runs.list({ state: 'running' })).total).toBe(1);
    });

    it('goes on with the newest stopped run of a plan, once', async () => {
      const done = await store.runs.create(RUN);
      await store.runs.update(done.id, { state: 'done', finishedAt: time });
      const failed = await store.runs.create(RUN);
      await store.runs.update(failed.id, { state: 'failed', finishedAt: time, error: 'no room', stepsDone: 2 });
      await store.runs.create({ ...RUN, planKey: 'another' });
      const [first, second] = await Promise.all([store.runs.resume('plan'), store.runs.resume('plan')]);
      expect([first?.id, second?.id].sort()).toEqual([failed.id, undefined]);
      expect(first ?? second).toMatchObject({
        state: 'running',
        stepsDone: 0,
        error: undefined,
        finishedAt: undefined,
      });
      expect(await store.runs.resume('plan')).toBeUndefined();
    });

    it('finds a run by its beginning, and the latest', async () => {
      const first = await store.runs.create(RUN);
      time += 86_400_000;
      const second = await store.runs.create(RUN);
      expect((await store.runs.find(second.id.slice(0, 10)))?.id).toBe(second.id);
      expect((await store.runs.find('latest'))?.id).toBe(second.id);
      await expect(store.runs.find(first.id.slice(0, 3))).rejects.toMatchObject({ code: 'usage' });
      expect(await store.runs.find('nothing')).toBeUndefined();
      await expect(store.runs.get('nothing')).rejects.toThrow(/There is no run "nothing"/);
      await expect(store.runs.update('nothing', { stepsDone: 1 })).rejects.toMatchObject({ code: 'usage' });
    });

    it('hands a wish to cancel to the process that is at it', async () => {
      const { id } = await store.runs.create(RUN);
      expect(await store.runs.heartbeat(id)).toEqual({ cancelRequested: false });
      await store.runs.requestCancel(id);
      expect(await store.runs.heartbeat(id)).toEqual({ cancelRequested: true });
      time += 60_000;
      await store.runs.requestCancel(id);
      expect((await store.runs.get(id)).state).toBe('cancelled');
    });

    it('searches, filters and sorts', async () => {
      const a = await store.runs.create({ ...RUN, name: 'alpha 100%', tags: ['keep'] });
      time += 1000;
      const b = await store.runs.create({
        ...RUN,
        name: 'Beta',
        dataset: 'cifar10',
        experiment: 'attacks: [fgs(epsilon=0.1)]',
      });
      await store.cells.put([cell(a.id, { value: 0.9 }), cell(b.id, { value: 0.1, model: 'rad(attack=adam)' })]);
      await store.runs.update(b.id, { state: 'done', finishedAt: time + 5 });
      const ids = async (query: Parameters<typeof store.runs.list>[0]) =>
        (await store.runs.list(query)).runs.map((run) => run.id);
      expect(await ids({})).toEqual([b.id, a.id]);
      expect(await ids({ search: 'BETA' })).toEqual([b.id]);
      expect(await ids({ search: '100%' })).toEqual([a.id]);
      expect(await ids({ search: '%' })).toEqual([a.id]);
      expect(await ids({ search: 'rad(' })).toEqual([b.id]);
      expect(await ids({ search: 'EPSILON=0.1' })).toEqual([b.id]);
      // Every word, wherever it is; where it is to be; and what is to be left out.
      expect(await ids({ search: 'adam beta epsilon=0.1' })).toEqual([b.id]);
      expect(await ids({ search: 'beta alpha' })).toEqual([]);
      expect(await ids({ search: 'epsilon=0' })).toEqual([]);
      expect(await ids({ search: 'epsilon=0.' })).toEqual([b.id]);
      expect(await ids({ search: 'tag:keep' })).toEqual([a.id]);
      expect(await ids({ search: 'tag:alpha' })).toEqual([]);
      expect(await ids({ search: 'model:rad name:"beta"' })).toEqual([b.id]);
      expect(await ids({ search: 'name:"alpha 100%"' })).toEqual([a.id]);
      expect(await ids({ search: 'name:"100% alpha' })).toEqual([]);
      expect(await ids({ search: '-dataset:cifar' })).toEqual([a.id]);
      expect(await ids({ search: '-adam -keep' })).toEqual([]);
      expect(await ids({ tag: 'keep' })).toEqual([a.id]);
      expect(await ids({ dataset: 'cifar10' })).toEqual([b.id]);
      expect(await ids({ state: 'done' })).toEqual([b.id]);
      expect(await ids({ order: 'name' })).toEqual([a.id, b.id]);
      expect(await ids({ limit: 1, offset: 1 })).toEqual([a.id]);
      expect(await store.runs.facets()).toEqual({ datasets: ['cifar10', RUN.dataset], tags: ['keep'] });
    });

    it('ranks runs among those of their dataset and attacks, by what of the attackable instances stands', async () => {
      let made = 0;
      const add = async (dataset: string, attack: string, evaded: number, wrong = 0) => {
        const key = `evaluation ${made++}`;
        const run = await store.runs.create({ ...RUN, name: key, dataset });
        const step = { key, kind: 'evaluate', label: 'l', output: null, artifacts: [], seconds: 1, finishedAt: 1 };
        await store.steps.finish(
          step,
          Array.from({ length: 10 }, (_, i) =>
            instance(key, i, { predictionAfter: Number(i < evaded), predictionBefore: Number(i >= 10 - wrong) }),
          ),
        );
        // However large a part of the test set is attacked.
        await store.cells.put([cell(run.id, { attack, mode: 'adaptive', value: 1 / (made + 1), evaluateStep: key })]);
        return run.id;
      };
      const half = await add('mnist', 'cg', 5);
      const most = await add('mnist', 'cg', 2);
      const none = await add('mnist', 'cg', 5, 5);
      const others = await add('cifar10', 'cg', 9);
      const easier = await add('mnist', 'fgs(epsilon=0.1)', 0);
      const unmeasured = (await store.runs.create(RUN)).id;
      const ids = async (descending: boolean) =>
        (await store.runs.list({ order: 'robust-accuracy', descending })).runs.map((run) => run.id);
      expect(await ids(true)).toEqual([others, most, half, none, easier, unmeasured]);
      expect(await ids(false)).toEqual([others, none, half, most, easier, unmeasured]);
      const [standing] = await store.standings.ofRuns([none]);
      expect(standing).toMatchObject({ attacks: ['cg'], attacked: 10, attackable: 5, evaded: 5, unmoved: 0 });
    });

    it('goes on where the clock was put back', async () => {
      const run = await store.runs.create(RUN);
      expect(await store.steps.claim('key', processOwner().replace(/\d+$/, String(2 ** 22 + 1)), 15_000)).toBe(true);
      time -= 3_600_000;
      await store.runs.heartbeat(run.id);
      // Nobody waits an hour for a claim of a process that has ended.
      expect(await store.steps.claim('key', 'another', 15_000)).toBe(true);
      const record = { key: 'key', kind: 'train', label: 'l', output: {}, artifacts: [], seconds: 1, finishedAt: time };
      await store.steps.finish(record);
      await store.runs.update(run.id, { state: 'done', finishedAt: time });
      expect((await store.runs.list()).runs.map(({ state }) => state)).toEqual(['done']);
      expect((await store.verifier.verify()).database).toEqual([]);
      time += 3_600_000;
    });

    it('keeps archived runs out of lists, and finds them by name', async () => {
      const [first, second] = [await store.runs.create(RUN), await store.runs.create({ ...RUN, name: 'other' })];
      await store.runs.archive(first.id, true);
      const ids = async (...shelves: Shelf[]) => (await store.runs.list({ shelves })).runs.map(({ id }) => id).sort();
      expect((await store.runs.list()).runs.map(({ id }) => id)).toEqual([second.id]);
      expect(await ids('archived')).toEqual([first.id]);
      expect(await ids('listed', 'archived')).toEqual([first.id, second.id].sort());
      expect(await ids()).toEqual([]);
      expect((await store.runs.get(first.id)).archivedAt).toBe(time);
      await store.runs.archive(first.id, false);
      expect((await store.runs.get(first.id)).archivedAt).toBeUndefined();
      await expect(store.runs.archive('nothing', true)).rejects.toMatchObject({ code: 'usage' });
    });

    it('has a deleted run nowhere, gives it back for a week, and then removes it', async () => {
      const { id } = await store.runs.create({ ...RUN, tags: ['nightly'] });
      await store.cells.put([cell(id)]);
      await store.models.put([
        {
          ...{ runId: id, seed: 1, label: 'lenet5', step: 's', artifact: 'f'.repeat(64), parents: [] },
          ...{ parameters: 1, engine: 'onnx', facts: {} },
        },
      ]);
      await store.notes.write({ run: id }, { text: 'worth keeping', author: 'ann', seen: 0 });
      await store.runSteps.put(id, [{ key: 'begun', kind: 'harden', label: 'harden lenet5', position: 0 }]);
      await store.artifacts.checkpoints.write('begun', 'part', 'maker', [Buffer.from('half of it')]);
      await expect(store.runs.delete(id)).rejects.toMatchObject({ code: 'usage' });
      await store.runs.update(id, { state: 'failed', finishedAt: time });
      await store.runs.archive(id, true);
      await store.runs.delete(id);
      const seen = async () => [
        (await store.runs.find(id))?.id,
        (await store.runs.find('latest'))?.id,
        (await store.runs.resume('plan'))?.id,
        (await store.runs.list({ shelves: ['listed', 'archived'] })).total,
        (await store.models.list({ limit: 1 })).total,
        (await store.runs.facets()).tags,
      ];
      expect(await seen()).toEqual([undefined, undefined, undefined, 0, 0, []]);
      expect((await store.runs.list({ shelves: ['deleted'] })).runs[0]).toMatchObject({ id, deletedAt: time });
      expect(await store.runs.heartbeat(id)).toEqual({ cancelRequested: true });
      await expect(store.runs.get(id)).rejects.toThrow(new RegExp(`rampart runs restore ${id}`));
      await store.runs.restore(id.slice(-6));
      expect(await store.runs.get(id)).toMatchObject({ archivedAt: time, deletedAt: undefined });
      expect(await store.cells.ofRun(id)).toHaveLength(1);
      await expect(store.runs.restore(id)).rejects.toMatchObject({ code: 'usage' });

      await store.runs.delete(id);
      time += RESTORABLE_MS - 1;
      expect(await store.runs.collect()).toEqual([]);
      expect(await store.artifacts.checkpoints.read('begun', 'part', 'maker')).toBeDefined();
      time += 1;
      expect(await store.runs.collect()).toEqual([id]);
      expect(await store.cells.ofRun(id)).toEqual([]);
      expect(await store.notes.find({ run: id })).toBeUndefined();
      expect(await store.artifacts.checkpoints.read('begun', 'part', 'maker')).toBeUndefined();
      await expect(store.runs.restore(id)).rejects.toMatchObject({ code: 'usage' });
    });

    it('gives a deleted run back whole or not at all as it is removed in the same moment', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        const { id } = await store.runs.create(RUN);
        await store.cells.put([cell(id)]);
        await store.runs.update(id, { state: 'done', finishedAt: time });
        await store.runs.delete(id);
        ids.push(id);
      }
      time += RESTORABLE_MS;
      const [removed, ...restored] = await Promise.all([
        store.runs.collect(),
        ...ids.map((id) => store.runs.restore(id).then(Boolean, () => false)),
      ]);
      for (const [i, id] of ids.entries()) {
        const kept = [removed.includes(id), (await store.runs.find(id))?.id, (await store.cells.ofRun(id)).length];
        expect(kept).toEqual(restored[i] ? [false, id, 1] : [true, undefined, 0]);
      }
    });

    it('keeps checkpoints that a run may go on from, and no others', async () => {
      const { id } = await store.runs.create(RUN);
      const step = (key: string) => ({ key, kind: 'train', label: key, position: 0 });
      await store.runSteps.put(id, [step('begun'), step('done')]);
      const rest = { kind: 'train', label: 'done', output: {}, artifacts: [], seconds: 1, finishedAt: time };
      await store.steps.finish({ ...rest, key: 'done' });
      const { checkpoints } = store.artifacts;
      const keys = ['begun', 'done', 'of no run'];
      for (const key of keys) await checkpoints.write(key, 'part', 'maker', [Buffer.from('half of it')]);
      const left = async () => {
        const found = await Promise.all(keys.map((key) => checkpoints.read(key, 'part', 'maker')));
        return keys.filter((_, i) => found[i] !== undefined);
      };
      // The files are of today.
      time = Date.now();
      await store.runs.collectCheckpoints();
      expect(await left()).toEqual(keys);
      time += RESTORABLE_MS + 60_000;
      await store.runs.collectCheckpoints();
      expect(await left()).toEqual(['begun']);
    });

    it('removes a run with what nobody else has, and keeps what is shared', async () => {
      const old = new Date(time - 10_000_000);
      const [own, shared] = await Promise.all([
        store.artifacts.write(Buffer.from('own'), { name: 'model', extension: 'onnx' }),
        store.artifacts.write(Buffer.from('shared'), { name: 'model', extension: 'onnx' }),
      ]);
      for (const ref of [own, shared]) await utimes(store.artifacts.address(ref), old, old);
      const first = await store.runs.create(RUN);
      const second = await store.runs.create(RUN);
      const step = (key: string) => ({ key, kind: 'train', label: key, position: 0 });
      await store.runSteps.put(first.id, [step('own'), step('shared')]);
      await store.runSteps.put(second.id, [step('shared')]);
      const finished = { kind: 'train', output: {}, seconds: 1, finishedAt: time };
      await store.steps.finish({ ...finished, key: 'own', label: 'own', artifacts: [own] }, [instance('own', 0)]);
      await store.steps.finish({ ...finished, key: 'shared', label: 'shared', artifacts: [shared] });
      await store.cells.put([cell(first.id)]);
      await expect(store.runs.remove(first.id)).rejects.toMatchObject({ code: 'usage' });
      await store.runs.update(first.id, { state: 'done', finishedAt: time });
      await store.runs.remove(first.id);
      expect(await store.runs.find(first.id)).toBeUndefined();
      expect(await store.cells.ofRun(first.id)).toEqual([]);
      expect(await store.steps.find('own')).toBeUndefined();
      expect(await store.instances.ofStep('own')).toEqual([]);
      expect(await store.steps.find('shared')).toBeDefined();
      expect(Buffer.from(await store.artifacts.read(shared)).toString()).toBe('shared');
      await expect(store.artifacts.read(own)).rejects.toMatchObject({ code: 'damaged' });
    });
  });

  describe('steps', () => {
    const record = {
      key: 'k',
      kind: 'evaluate',
      label: 'lenet5 under cg',
      output: { errors: [1, 2] },
      artifacts: [{ name: 'adversarial', extension: 'npy', checksum: 'c'.repeat(64), bytes: 3 }],
      seconds: 1.5,
      finishedAt: 7,
    };

    it('gives back what was finished, and keeps the first of two', async () => {
      expect(await store.steps.find('k')).toBeUndefined();
      await store.steps.finish(record, [instance('k', 0)]);
      await store.steps.finish({ ...record, label: 'another' }, [instance('k', 0), instance('k', 1)]);
      expect(await store.steps.find('k')).toEqual(record);
      expect(await store.instances.ofStep('k')).toEqual([instance('k', 0)]);
    });

    it('writes a step and its instances together or not at all', async () => {
      await expect(store.steps.finish(record, [instance('k', 0), instance('k', 0)])).rejects.toMatchObject({
        code: 'store',
      });
      expect(await store.steps.find('k')).toBeUndefined();
    });

    it('lets one of eight that claim a step at once have it, in each of a hundred rounds', async () => {
      const stores = await Promise.all(Array.from({ length: 8 }, () => openStore(location, { now: () => time })));
      try {
        for (let round = 0; round < 100; round++) {
          // Half of the steps were claimed before, by one whose lease has run out.
          if (round % 2 === 0) await store.steps.claim(`step ${round}`, 'dead', -1);
          const answers = await Promise.all(
            stores.map(({ steps }, number) => steps.claim(`step ${round}`, `store ${number}`, 1000)),
          );
          expect(answers.filter(Boolean)).toHaveLength(1);
        }
      } finally {
        await Promise.all(stores.map((one) => one.close()));
      }
    });

    it('lets one owner at a step until it is finished, released, or the lease runs out', async () => {
      expect(await store.steps.claim('k', 'a', 1000)).toBe(true);
      expect(await store.steps.claim('k', 'b', 1000)).toBe(false);
      expect(await store.steps.claim('k', 'a', 1000)).toBe(true);
      time += 900;
      await store.steps.renew(['k'], 'a', 1000);
      time += 900;
      expect(await store.steps.claim('k', 'b', 1000)).toBe(false);
      time += 200;
      expect(await store.steps.claim('k', 'b', 1000)).toBe(true);
      await store.steps.release('k', 'a');
      expect(await store.steps.claim('k', 'c', 1000)).toBe(false);
      await store.steps.release('k', 'b');
      expect(await store.steps.claim('k', 'c', 1000)).toBe(true);
      await store.steps.finish(record);
      expect(await store.steps.claim('k', 'c', 1000)).toBe(false);
    });
  });

  it('pages through instances of several evaluations without losing or repeating one', async () => {
    const base = { kind: 'evaluate', label: 'l', output: null, artifacts: [], seconds: 1, finishedAt: 1 };
    await store.steps.finish(
      { ...base, key: 'x' },
      Array.from({ length: 7 }, (_, i) => instance('x', i)),
    );
    await store.steps.finish(
      { ...base, key: 'y' },
      Array.from({ length: 5 }, (_, i) => instance('y', i)),
    );
    const walk = async (outcome?: 'evaded' | 'resisted', order?: InstanceOrder) => {
      const seen: string[] = [];
      for (let offset = 0; ; offset += 3) {
        const page = await store.instances.page({
          evaluateSteps: ['y', 'missing', 'x'],
          limit: 3,
          offset,
          ...(outcome && { outcome }),
          ...(order && { order }),
        });
        seen.push(...page.instances.map((one) => `${one.evaluateStep}${one.position}`));
        if (page.instances.length < 3) {
          expect(page.total).toBe(seen.length);
          return seen;
        }
      }
    };
    expect(await walk()).toEqual(['y0', 'y1', 'y2', 'y3', 'y4', 'x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6']);
    expect(await walk('evaded')).toEqual(['y1', 'y3', 'x1', 'x3', 'x5']);
    expect(await walk('resisted')).toEqual(['y0', 'y2', 'y4', 'x0', 'x2', 'x4', 'x6']);
    expect(await walk(undefined, 'evaded')).toEqual([...(await walk('evaded')), ...(await walk('resisted'))]);
    expect(await walk('resisted', 'evaded')).toEqual(await walk('resisted'));
    expect(await store.instances.ofEvading('x', 'iterations')).toEqual([3, 3, 3]);
    expect(await store.instances.counts(['x', 'y'])).toEqual({ evaded: 5, resisted: 7, misclassified: 0, unmoved: 0 });
    expect((await store.instances.ofTestIndex(['x', 'y'], 6)).map((one) => one.evaluateStep).sort()).toEqual([
      'x',
      'y',
    ]);
    const outcomes = await store.instances.outcomes(['x', 'y', 'missing']);
    expect([...outcomes].map(([key, { digits }]) => [key, digits]).sort()).toEqual([
      ['x', '0101010'],
      ['y', '01010'],
    ]);
    expect(outcomes.get('y')!.testIndices.split(',')).toHaveLength(5);
    await store.steps.finish({ ...base, key: 'z' }, [
      instance('z', 0, { linf: 0 }),
      instance('z', 1, { linf: 0, predictionBefore: 1 }),
      instance('z', 2, { predictionBefore: 1 }),
    ]);
    // What an attack left as it was did not resist it, and what was wrong before was not there to be attacked.
    expect(await store.instances.counts(['z'])).toEqual({ evaded: 0, resisted: 0, misclassified: 2, unmoved: 1 });
  });

  it('pages through instances by what was changed and by how sure the model is, those that evaded first', async () => {
    const base = { kind: 'evaluate', label: 'l', output: null, artifacts: [], seconds: 1, finishedAt: 1 };
    // Odd positions evade.
    const facts = [
      [0.5, 0.9],
      [0.3, 0.6],
      [0.1, 0.7],
      [0.2, 0.8],
    ].map(([distortion, confidenceAfter]) => ({ distortion: distortion!, confidenceAfter: confidenceAfter! }));
    for (const key of ['x', 'y']) {
      await store.steps.finish(
        { ...base, key },
        facts.map((one, i) => instance(key, i, key === 'x' ? one : { distortion: one.distortion + 0.05 })),
      );
    }
    const ordered = async (order: InstanceOrder, evaluateSteps: string[]) => {
      const [first, second] = [0, 3].map((offset) => store.instances.page({ evaluateSteps, order, offset, limit: 3 }));
      const seen = [...(await first!).instances, ...(await second!).instances];
      return seen.map((one) => `${one.evaluateStep}${one.position}`);
    };
    expect(await ordered('distortion', ['x', 'y'])).toEqual(['x3', 'y3', 'x1', 'y1', 'x2', 'y2']);
    expect(await ordered('confidence', ['x'])).toEqual(['x3', 'x1', 'x0', 'x2']);
    expect((await store.instances.page({ evaluateSteps: [], order: 'distortion', limit: 3 })).instances).toEqual([]);
  });

  it('reads some rows of a file of images, and refuses a row or a file that is not there in whole', async () => {
    const data = Float32Array.from({ length: 24 }, (_, i) => i);
    const ref = await store.artifacts.write(encodeNpy(data, [4, 1, 2, 3]), { name: 'adversarial', extension: 'npy' });
    const { shape, rows } = await store.artifacts.readRows(ref, [3, 0]);
    expect(shape).toEqual([4, 1, 2, 3]);
    expect(rows).toEqual([data.slice(18), data.slice(0, 6)]);
    await expect(store.artifacts.readRows(ref, [4])).rejects.toMatchObject({ code: 'bad-data' });
    await truncate(store.artifacts.address(ref), 200);
    await expect(store.artifacts.readRows(ref, [0])).rejects.toMatchObject({ code: 'damaged' });
    await expect(store.artifacts.read(ref)).rejects.toThrow(/is damaged/);
    expect(() => store.artifacts.address({ checksum: '../../etc/passwd', extension: 'npy' })).toThrow(/names no file/);
    expect(() => store.artifacts.address({ checksum: ref.checksum, extension: '../x' })).toThrow(/names no file/);
  });

  it('takes a stream up to its limit, and leaves nothing of one that is cut off or too long', async () => {
    async function* pieces(count: number, failing = false) {
      for (let i = 0; i < count; i++) yield Buffer.alloc(1000, i);
      if (failing) throw new Error('The connection was lost.');
    }
    const name = { name: 'model', extension: 'onnx' };
    const ref = await store.artifacts.writeStream(pieces(3), name, 3000);
    const whole = Buffer.concat([0, 1, 2].map((i) => Buffer.alloc(1000, i)));
    expect(ref).toEqual(await store.artifacts.write(whole, name));
    expect(Buffer.from(await store.artifacts.read(ref))).toEqual(whole);
    await expect(store.artifacts.writeStream(pieces(4), name, 3000)).rejects.toMatchObject({ code: 'bad-data' });
    await expect(store.artifacts.writeStream(pieces(2, true), name, 3000)).rejects.toThrow('The connection was lost.');
    expect(await readdir(path.join(directory, 'artifacts', 'unfinished'))).toEqual([]);
  });

  it('keeps a figure once however often it is written, and refuses one that is not finite', async () => {
    const { id } = await store.runs.create(RUN);
    await store.cells.put([cell(id), cell(id, { attack: 'adam', value: 0.25 })]);
    await store.cells.put([cell(id, { value: 0.75 })]);
    expect((await store.cells.ofRun(id)).map((one) => [one.attack, one.value])).toEqual([
      ['cg', 0.75],
      ['adam', 0.25],
    ]);
    expect(await store.cells.ofRun(id, { attack: 'adam' })).toHaveLength(1);
    await expect(store.cells.put([cell(id, { value: NaN })])).rejects.toMatchObject({ code: 'contract' });
  });

  it('keeps what is certain of a model once, gives it back in the order of the plan, and takes it away with the run', async () => {
    const { id } = await store.runs.create(RUN);
    const before = { ...certificate(id), seed: 2 };
    await store.certificates.put(certificate(id), 1);
    await store.certificates.put({ ...before, samples: 100 }, 0);
    await store.certificates.put(before, 0);
    expect(await store.certificates.ofRun(id)).toEqual([before, certificate(id)]);
    await store.runs.seal(id);
    await store.runs.update(id, { state: 'done', finishedAt: 1 });
    expect(await store.verifier.verifyRun(id)).toEqual([]);
    await store.certificates.put({ ...before, abstained: 0.5 }, 0);
    await expect(store.verifier.verifyRun(id)).rejects.toMatchObject({ code: 'damaged' });
    const broken = { ...before, curve: [[0, NaN, 0, 1]] } as const;
    await expect(store.certificates.put(broken, 0)).rejects.toMatchObject({ code: 'contract' });
    await store.runs.remove(id);
    expect(await store.certificates.ofRuns([id])).toEqual([]);
  });

  it('keeps events in order, and forgets the progress of a finished step', async () => {
    const { id } = await store.runs.create(RUN);
    await store.events.append(id, { type: 'run-started', stepsTotal: 1 });
    await store.events.append(id, { type: 'step-started', step: 's', kind: 'train', label: 'lenet5' });
    await store.events.append(id, { type: 'step-progress', step: 's', done: 1, total: 2, unit: 'batches' });
    const before = await store.events.after(id, 0);
    expect(before.map((one) => one.event.type)).toEqual(['run-started', 'step-started', 'step-progress']);
    await store.events.append(id, {
      type: 'step-finished',
      step: 's',
      label: 'lenet5',
      cached: false,
      seconds: 1,
      stepsDone: 1,
      stepsTotal: 1,
    });
    expect((await store.events.after(id, before[1]!.id)).map((one) => one.event.type)).toEqual(['step-finished']);
    expect((await store.events.latest(id, 2)).map((one) => one.event.type)).toEqual(['step-started', 'step-finished']);
  });

  it('gives back models, curves and plans as they were put, the last one winning', async () => {
    const { id } = await store.runs.create(RUN);
    const model = {
      runId: id,
      seed: 1,
      label: 'lenet5',
      step: 's',
      artifact: 'f'.repeat(64),
      parents: ['p'],
      parameters: 61_706,
      engine: 'onnx',
      facts: { rounds: 3, note: 'x' },
    };
    await store.models.put([model, { ...model, seed: 2 }]);
    await store.models.put([{ ...model, parameters: 5 }]);
    expect(await store.models.ofRun(id)).toEqual([
      { ...model, parameters: 5 },
      { ...model, seed: 2 },
    ]);
    expect(await store.models.list({ limit: 10 })).toMatchObject({ total: 1, models: [{ artifact: model.artifact }] });
    const point = { runId: id, seed: 1, diagram: 'training', model: 'lenet5', series: 'loss', x: 1, y: 0.5 };
    await store.curves.put([{ ...point, x: 2 }, point]);
    await store.curves.put([
      { ...point, y: 0.75 },
      { ...point, y: 0.25 },
    ]);
    expect(await store.curves.ofRun(id, 'training')).toEqual([
      { ...point, y: 0.25 },
      { ...point, x: 2 },
    ]);
    const steps = [
      { key: 's', kind: 'train', label: 'lenet5', position: 0, needs: [], cells: undefined },
      {
        ...{ key: 'e', kind: 'evaluate', label: 'evaluate lenet5', position: 1, needs: [0] },
        cells: [{ model: 'lenet5', attack: 'cg', mode: 'adaptive' as const }],
      },
    ];
    await store.runSteps.put(id, steps);
    expect(await store.runSteps.ofRun(id)).toEqual(
      steps.map((step) => ({ ...step, finishedAt: undefined, seconds: undefined })),
    );
  });

  it('lists models by what they are, those of the newest run first, and finds them by tag and run', async () => {
    const runs = [
      await store.runs.create({ ...RUN, name: 'digits' }),
      await store.runs.create({ ...RUN, name: 'planes', dataset: 'cifar10' }),
    ];
    const labels = ['rad', 'aec', 'lenet5'];
    for (const [place, label] of labels.entries()) {
      const runId = runs[place % 2]!.id;
      await store.models.put([
        {
          ...{ runId, seed: 1, label, step: label, artifact: String(place).repeat(64), parents: [], engine: 'onnx' },
          ...{ parameters: 10 - place, facts: {} },
        },
      ]);
      const figure = { model: label, attack: 'none', mode: 'clean' as const, low: 0, high: 1 };
      if (label !== 'aec') await store.cells.put([cell(runId, { ...figure, value: place === 0 ? 0.2 : 0.1 })]);
    }
    const names = async (query: object) =>
      (await store.models.list({ limit: 10, ...query })).models.map(({ label }) => label);
    expect(await names({ order: 'label' })).toEqual(['aec', 'lenet5', 'rad']);
    expect(await names({ order: 'parameters', descending: true })).toEqual(['rad', 'aec', 'lenet5']);
    expect(await names({ order: 'clean-error' })).toEqual(['lenet5', 'rad', 'aec']);
    expect(await names({ order: 'clean-error', descending: true })).toEqual(['rad', 'lenet5', 'aec']);
    expect((await names({ order: 'dataset' }))[0]).toBe('aec');
    expect(await names({ order: 'label', limit: 1, offset: 1 })).toEqual(['lenet5']);
    expect(await names({ search: 'Planes' })).toEqual(['aec']);
    await store.models.tag('0'.repeat(64), ['to ship', 'best', 'best']);
    expect(await names({ tag: 'to ship' })).toEqual(['rad']);
    expect([...(await store.models.tags(['0'.repeat(64), '1'.repeat(64)]))]).toEqual([
      ['0'.repeat(64), ['best', 'to ship']],
    ]);
    await store.models.tag('0'.repeat(64), []);
    expect(await names({ tag: 'to ship' })).toEqual([]);
    expect(await store.models.beginningWith('1')).toEqual(['1'.repeat(64)]);
  });

  it('keeps every revision of a note, and tells the second of two who write at once what the first wrote', async () => {
    const subject = { model: 'f'.repeat(64) };
    expect(await store.notes.find(subject)).toBeUndefined();
    const write = (author: string, text: string, seen: number) => store.notes.write(subject, { text, author, seen });
    expect(await write('ann', 'first', 0)).toEqual({
      written: true,
      latest: { text: 'first', author: 'ann', revision: 1, at: time },
    });
    time += 1000;
    const both = await Promise.all([write('ann', 'of ann', 1), write('ben', 'of ben', 1)]);
    expect(both.filter(({ written }) => written)).toHaveLength(1);
    const [won, lost] = both[0].written ? both : [both[1], both[0]];
    expect(lost.latest).toEqual(won.latest);
    expect(await write('ben', 'a word that he had', 1)).toMatchObject({ written: false });
    expect(await write('eve', 'both', won.latest.revision)).toMatchObject({ written: true });
    expect((await store.notes.history(subject)).map(({ text }) => text)).toEqual(['both', won.latest.text, 'first']);
    expect(await store.notes.find({ run: 'f'.repeat(64) })).toBeUndefined();
  });

  it('keeps views of a place under names of their own', async () => {
    const view = { name: 'of the week', query: 'state=done&order=name', author: 'ann' };
    await store.views.add('runs', view);
    await store.views.add('runs', view);
    await expect(store.views.add('runs', { ...view, query: 'state=failed' })).rejects.toMatchObject({ code: 'usage' });
    expect(await store.views.list('runs')).toEqual([{ ...view, at: time }]);
    expect(await store.views.list('leaderboard')).toEqual([]);
    await store.views.remove('runs', view.name);
    expect(await store.views.list('runs')).toEqual([]);
  });

  it('gives back the last document of a name', async () => {
    expect(await store.documents.get('catalog')).toBeUndefined();
    await store.documents.put('catalog', { attacks: [] });
    await store.documents.put('catalog', { attacks: ['cg'] });
    expect(await store.documents.get('catalog')).toEqual({ attacks: ['cg'] });
  });

  it('gives each of many jobs to one of many workers that ask at once', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(location, { now: () => time })));
    try {
      const ids = [];
      for (let i = 0; i < 24; i++) ids.push(await store.jobs.add('inspect', { i }));
      const taken = await Promise.all(
        stores.map(async ({ jobs }, number) => {
          const mine: number[] = [];
          for (;;) {
            const job = await jobs.take(['inspect'], `store ${number}`, 1000);
            if (!job) return mine;
            mine.push(job.id);
          }
        }),
      );
      expect(taken.flat().sort((a, b) => a - b)).toEqual(ids);
    } finally {
      await Promise.all(stores.map((one) => one.close()));
    }
  });

  it('gives a job to one worker, and to the next when that one is gone', async () => {
    const id = await store.jobs.add('inspect', { artifact: 'x' });
    expect(await store.jobs.take(['evaluate'], 'a', 1000)).toBeUndefined();
    expect(await store.jobs.take(['inspect'], 'a', 1000)).toMatchObject({
      id,
      state: 'running',
      request: { artifact: 'x' },
    });
    expect(await store.jobs.take(['inspect'], 'b', 1000)).toBeUndefined();
    time += 1001;
    expect(await store.jobs.take(['inspect'], 'b', 1000)).toMatchObject({ id });
    expect(await store.jobs.renew(id, 'a', 1000)).toBe(false);
    expect(await store.jobs.renew(id, 'b', 1000)).toBe(true);
    await store.jobs.finish(id, { ok: true });
    expect(await store.jobs.find(id)).toMatchObject({ state: 'done', result: { ok: true } });
    expect(await store.jobs.pending()).toEqual([]);
  });
}

describe('the store in a folder', () => itIsAStore((folder) => Promise.resolve(folder)));

describeWithPostgres('the store on PostgreSQL', () => {
  let server: TemporaryServer;
  beforeAll(async () => (server = await TemporaryServer.make()));
  afterAll(() => server.remove());

  itIsAStore(() => server.database());
});
