import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { encodeLossPaths, encodeNpy } from '@rampart/core';
import { openStore, type Store } from '@rampart/results';

import { instanceDetails, nearestExamples } from './instance-details';
import { attackedRows } from './shown-samples';

describe('what is known of an attacked instance', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-details-'));
  let store: Store;

  beforeAll(async () => {
    store = await openStore(folder, { create: true });
    const file = (name: string, bytes: Uint8Array) => store.artifacts.write(bytes, { name, extension: 'npy' });
    const pictures = [
      await file('originals', encodeNpy(Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0), [2, 1, 2, 2])),
      await file('adversarial', encodeNpy(Float32Array.of(0, 0, 0, 0, 0.5, -0.25, 0, 0.25), [2, 1, 2, 2])),
    ];
    const logits = new Float32Array(2 * 2 * 20);
    logits[40 + 17] = 4;
    logits[60 + 3] = 6;
    const losses = { evaluations: [0, 1, 2], losses: Float32Array.of(1, 1, 1, 4, -6, -6) };
    const step = { kind: 'evaluate', label: 'lenet5', output: {}, seconds: 1, finishedAt: 0 };
    await store.steps.finish({ ...step, key: 'old', artifacts: pictures });
    await store.steps.finish({
      ...step,
      key: 'new',
      artifacts: [
        ...pictures,
        await file('logits', encodeNpy(logits, [2, 2, 20])),
        await file('losses', encodeLossPaths(losses)),
      ],
    });
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const detailsOf = async (evaluateStep: string, mode: 'static' | 'adaptive' = 'adaptive') => {
    const instances = [1, 0].map((position) => ({ evaluateStep, position, label: 17, mode }));
    return instanceDetails(store, await attackedRows(store, instances), instances);
  };

  it('has its distances in every norm', async () => {
    const [moved, unmoved] = await detailsOf('new');
    expect(moved!.distances).toEqual({ l0: 3, l1: 1, l2: Math.sqrt(0.375), linf: 0.5 });
    expect(unmoved!.distances).toEqual({ l0: 0, l1: 0, l2: 0, linf: 0 });
  });

  it('has what the model said of the true class and of those that count the most', async () => {
    const [{ classes, otherClasses } = {} as never] = await detailsOf('new');
    expect(classes).toHaveLength(7);
    expect(otherClasses).toBe(13);
    const before = Math.exp(4) / (Math.exp(4) + 19);
    const after = Math.exp(6) / (Math.exp(6) + 19);
    expect(classes!.find(({ label }) => label === 17)).toEqual({
      label: 17,
      logits: [4, 0],
      probabilities: [expect.closeTo(before, 12), expect.closeTo((1 - after) / 19, 12)],
    });
    expect(classes!.find(({ label }) => label === 3)!.probabilities[1]).toBeCloseTo(after, 12);
  });

  it('has how its loss fell, up to where it fell no more; nothing of a search on another model', async () => {
    const [moved, unmoved] = await detailsOf('new');
    expect(moved!.losses).toEqual([
      [0, 4],
      [1, -6],
    ]);
    expect(unmoved!.losses).toEqual([[0, 1]]);
    expect((await detailsOf('new', 'static'))[0]!.losses).toBeUndefined();
  });

  it('has distances alone of what an earlier version made', async () => {
    const [moved] = await detailsOf('old');
    expect(moved).toEqual({
      distances: (await detailsOf('new'))[0]!.distances,
      classes: undefined,
      otherClasses: 0,
      losses: undefined,
    });
  });

  it('names the nearest example in each norm, whichever attack found it', async () => {
    const details = (linf: number, l2: number) => ({
      ...{ classes: undefined, otherClasses: 0, losses: undefined },
      distances: { l0: 1, l1: 1, l2, linf },
    });
    const items = [
      { attack: 'fgs', outcome: 'evaded', details: details(0.1, 2) },
      { attack: 'cg', outcome: 'evaded', details: details(0.5, 1) },
      { attack: 'pgd', outcome: 'resisted', details: details(0.01, 0.1) },
    ];
    expect(nearestExamples(items)).toMatchObject({
      linf: { attack: 'fgs', distance: 0.1 },
      l2: { attack: 'cg', distance: 1 },
    });
    expect(nearestExamples(items.slice(2))).toBeUndefined();
  });
});
