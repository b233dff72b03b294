import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type CellRecord, openStore, type Store } from '@rampart/results';

import { createCaller } from './router';

describe('what a cell says of the attack behind it', () => {
  let directory: string;
  let store: Store;
  let id: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-loss-'));
    store = await openStore(directory, { create: true });
    ({ id } = await store.runs.create({
      name: 'run',
      planKey: 'p',
      experiment: 'name: run',
      dataset: 'mnist',
      published: undefined,
      engine: 'onnx',
      seeds: [1, 2],
      stepsTotal: 1,
    }));
    const cell = {
      runId: id,
      attack: 'cg',
      metric: 'error-rate',
      unit: 'fraction',
      value: 0,
      low: 0,
      high: 1,
      count: 1,
    };
    const cells: CellRecord[] = [1, 2].flatMap((seed) => [
      // Examples of lenet5 are replayed on rad, which is attacked itself as well.
      { ...cell, seed, model: 'rad', mode: 'static', attackStep: `base${seed}`, evaluateStep: `r${seed}` },
      { ...cell, seed, model: 'lenet5', mode: 'static', attackStep: `base${seed}`, evaluateStep: `b${seed}` },
      { ...cell, seed, model: 'lenet5', mode: 'adaptive', attackStep: `base${seed}`, evaluateStep: `b${seed}` },
      { ...cell, seed, model: 'rad', mode: 'adaptive', attackStep: `own${seed}`, evaluateStep: `o${seed}` },
    ]);
    await store.cells.put(cells);
    const losses = (model: string, seed: number, values: readonly number[]) =>
      values.map((y, x) => ({ runId: id, seed, diagram: 'attack-loss', model, series: 'cg', x, y }));
    await store.curves.put([
      ...losses('lenet5', 1, [4, 2, -2]),
      // This seed's searches ended sooner: it stays where it ended.
      ...losses('lenet5', 2, [2, -4]),
      ...losses('rad', 1, [8, 6]),
    ]);
    await store.models.put([
      {
        runId: id,
        seed: 1,
        label: 'rad',
        step: 'made',
        artifact: 'a'.repeat(64),
        parents: ['base'],
        parameters: 1,
        engine: 'onnx',
        facts: {},
      },
    ]);
    const step = { artifacts: [], seconds: 1, finishedAt: 1 };
    for (const [key, kind, versions] of [
      ['base', 'train', { core: '0.1.0', lenet5: 2 }],
      ['made', 'harden', { core: '0.1.0', rad: 2, adam: 1 }],
      ['own1', 'attack', { core: '0.1.0', cg: 1 }],
      ['own2', 'attack', { core: '0.2.0', cg: 1 }],
      ['o1', 'evaluate', undefined],
    ] as const) {
      await store.steps.finish({ ...step, key, kind, label: key, output: versions ? { versions } : {} });
    }
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const cellOf = (model: string, mode: 'static' | 'adaptive') =>
    createCaller({ store }).runs.cell({ id, model, attack: 'cg', mode });

  it('is the mean loss over the seeds, each staying where it ended', async () => {
    expect((await cellOf('lenet5', 'adaptive')).losses).toEqual([
      [0, 3],
      [1, -1],
      [2, -3],
    ]);
  });

  it('is the loss on the model that was attacked, where examples were replayed', async () => {
    expect((await cellOf('rad', 'static')).losses).toEqual((await cellOf('lenet5', 'adaptive')).losses);
    expect((await cellOf('rad', 'adaptive')).losses).toEqual([
      [0, 8],
      [1, 6],
    ]);
  });

  it('names the versions of all that made it, and says where they were not recorded', async () => {
    expect((await cellOf('rad', 'adaptive')).madeWith).toEqual(
      expect.arrayContaining([
        { kind: 'train', versions: { core: '0.1.0', lenet5: '2' } },
        { kind: 'harden', versions: { core: '0.1.0', rad: '2', adam: '1' } },
        { kind: 'attack', versions: { core: '0.1.0, 0.2.0', cg: '1' } },
        { kind: 'evaluate', versions: {} },
      ]),
    );
    expect((await createCaller({ store }).runs.madeWith({ id })).map(({ kind }) => kind)).toContain('harden');
  });
});
