import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type CellMode, type CellRecord, openStore, type Store } from '@rampart/results';

import { readBeyond } from './read-beyond';
import { readReport } from './read-report';

/** What the examples of each attack were held to, by its step. */
const HELD_TO = {
  fgs: { norm: 'linf', epsilon: 0.1 },
  pgd: { norm: 'linf', epsilon: 0.1 },
  'pgd(epsilon=0.3)': { norm: 'linf', epsilon: 0.3 },
  fmn: { norm: 'l2' },
} as const;

describe('what a defense was not trained for', () => {
  let folder: string;
  let store: Store;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rampart-beyond-'));
    store = await openStore(folder, { create: true });
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is a table of the worst of each kind, with the transferability of each attack, in report and dashboard alike', async () => {
    const run = await store.runs.create({
      ...{ name: 'unseen', planKey: 'plan', experiment: 'dataset: mnist', dataset: 'mnist', published: undefined },
      ...{ engine: 'onnx', seeds: [1], stepsTotal: 1 },
    });
    for (const [name, heldTo] of Object.entries(HELD_TO)) {
      const step = {
        key: `attack ${name}`,
        kind: 'attack',
        label: name,
        output: { heldTo },
        artifacts: [],
        seconds: 1,
      };
      await store.steps.finish({ ...step, finishedAt: 1 });
    }
    const base = { runId: run.id, seed: 1, parents: [], parameters: 1, engine: 'onnx', artifact: 'f'.repeat(64) };
    const facts = { 'trained with': 'fgs', 'trained norm': 'linf', 'trained epsilon': 0.1 };
    await store.models.put([
      { ...base, label: 'lenet5', step: 'm', facts: {} },
      { ...base, label: 'rad(attack=fgs)', step: 'd', facts },
    ]);
    const cell = (model: string, attack: string, mode: CellMode, value: number): CellRecord => ({
      ...{ runId: run.id, seed: 1, model, attack, mode, metric: 'error-rate', unit: 'fraction', value },
      ...{ low: value, high: value, count: 10, evaluateStep: `${model} ${attack} ${mode}` },
      attackStep: mode === 'clean' ? undefined : `attack ${attack.split(' of ')[0]!}`,
    });
    const under = (model: string, figures: Readonly<Record<keyof typeof HELD_TO, number>>) =>
      Object.entries(figures).map(([attack, value]) => cell(model, attack, 'adaptive', value));
    await store.cells.put([
      cell('lenet5', 'none', 'clean', 0.01),
      cell('rad(attack=fgs)', 'none', 'clean', 0.02),
      ...under('lenet5', { fgs: 0.5, pgd: 0.6, 'pgd(epsilon=0.3)': 0.9, fmn: 1 }),
      ...under('rad(attack=fgs)', { fgs: 0.1, pgd: 0.2, 'pgd(epsilon=0.3)': 0.7, fmn: 0.8 }),
      cell('rad(attack=fgs)', 'fgs', 'static', 0.05),
      cell('rad(attack=fgs)', 'pgd of lenet5', 'transfer', 0.15),
      cell('lenet5', 'pgd of rad(attack=fgs)', 'transfer', 0.3),
    ]);
    const beyond = await readBeyond(store, await store.runs.get(run.id));
    const reported = (await readReport(store, await store.runs.get(run.id))).tables;
    const [unseen, transfer] = ['unseen', 'transfer: pgd'].map((id) => beyond.find((table) => table.id === id)!);
    for (const table of [unseen, transfer]) expect(reported).toContainEqual(table);

    expect(unseen!.columns.slice(1)).toEqual([
      'the attack it was trained with',
      'other attacks of that threat',
      'farther',
      'other norms',
      'transfer',
    ]);
    expect(unseen!.rows.map(({ model, cells }) => [model, ...cells.map((one) => one?.value)])).toEqual([
      ['rad(attack=fgs)', 0.02, 0.1, 0.2, 0.7, 0.8, 0.15],
    ]);
    expect(transfer!.columns).toEqual(['against lenet5', 'against rad(attack=fgs)']);
    expect(transfer!.rows.map(({ model, cells }) => [model, ...cells.map((one) => one?.value)])).toEqual([
      ['lenet5', 0.6, 0.3],
      ['rad(attack=fgs)', 0.15, 0.2],
    ]);
  });
});
