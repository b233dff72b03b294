import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readRobustness } from '@rampart/reports';
import { encodeNpy, openStore, type Store } from '@rampart/results';

import { parseExperiment } from './experiment';
import { prepare } from './prepare';
import { runHere } from './run-here.kit';

const BASE = `
name: tiny
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 1 }
examples: [adaptive]
`;

describe('an experiment with threats', () => {
  let store: Store;
  const folder = mkdtempSync(join(tmpdir(), 'rampart-threats-'));

  beforeAll(async () => {
    store = await openStore(join(folder, 'store'), { create: true });
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (text: string) => {
    const { prepared, run: record } = await runHere(store, `${BASE}${text}`, folder);
    expect(record.error).toBeUndefined();
    return { record, prepared, ...(await readRobustness(store, record.id)) };
  };

  it('says for each threat what withstands every attack on it, and draws curves', async () => {
    const { robustness, curves, prepared } = await run(
      'threats: [linf(0.1), linf(76.5/255), l2(2)]\nattacks: [pgd(steps=5), ddn(steps=30), fgs]',
    );
    expect(prepared.experiment.attacks.map(({ label }) => label)).toEqual([
      'pgd(epsilon=0.1, steps=5)',
      'pgd(epsilon=0.3, steps=5)',
      'pgd(norm=l2, epsilon=2, steps=5)',
      'ddn(steps=30)',
      'fgs(epsilon=0.1)',
      'fgs(epsilon=0.3)',
    ]);
    expect(robustness.map(({ threat }) => threat)).toEqual(['linf(0.1)', 'linf(0.3)', 'l2(2)']);
    const [small, large, l2] = robustness;
    for (const one of robustness) {
      expect(one).toMatchObject({ model: 'lenet5', mode: 'adaptive', seed: 1, instances: 60 });
      expect(one.low).toBeLessThanOrEqual(one.robustAccuracy);
      expect(one.high).toBeGreaterThanOrEqual(one.robustAccuracy);
      // The worst case is no better than any attack alone, and the last cumulative figure.
      for (const attack of one.attacks) expect(one.robustAccuracy).toBeLessThanOrEqual(attack.robustAccuracy);
      expect(one.attacks.at(-1)!.cumulativeRobustAccuracy).toBe(one.robustAccuracy);
      // Benign images are never attacked: they stay right.
      expect(one.attacks[0]!.robustAccuracy).toBeCloseTo(
        one.cleanAccuracy - (one.attacks[0]!.successRate * one.attackable) / one.instances,
        12,
      );
    }
    expect(large!.robustAccuracy).toBeLessThan(small!.robustAccuracy);
    expect(small!.attacks.map(({ attack }) => attack)).toEqual(['pgd(epsilon=0.1, steps=5)', 'fgs(epsilon=0.1)']);
    expect(l2!.attacks.map(({ attack }) => attack)).toEqual(['pgd(norm=l2, epsilon=2, steps=5)', 'ddn(steps=30)']);
    expect(l2!.attacks[1]!.medianDistance).toBeGreaterThan(0);
    expect(l2!.attacks[1]!.gradientEvaluations).toBeGreaterThan(20);
    expect(l2!.attacks[1]!.seconds).toBeGreaterThan(0);

    const ddn = curves.find(({ norm, attack }) => norm === 'l2' && attack === 'ddn(steps=30)')!;
    expect(ddn.points[0]).toEqual([0, l2!.cleanAccuracy, expect.any(Number), expect.any(Number)]);
    const falls = ddn.points.map(([, accuracy]) => accuracy);
    expect(falls).toEqual(falls.toSorted((a, b) => b - a));
    const at2 = ddn.points.findLast(([epsilon]) => epsilon <= 2)![1];
    expect(at2).toBeCloseTo(l2!.attacks[1]!.robustAccuracy, 12);
    const worst = curves.find(({ norm, attack }) => norm === 'l2' && attack === 'worst-case')!;
    expect(worst.points.at(-1)![1]).toBeLessThanOrEqual(ddn.points.at(-1)![1]);

    // What attacks with a budget found counts too, as far away as it is: at a threat's epsilon a curve is the threat's figure.
    for (const { norm, epsilon, robustAccuracy, attacks } of robustness) {
      for (const one of [{ attack: 'worst-case', robustAccuracy }, ...attacks]) {
        const { points } = curves.find((curve) => curve.norm === norm && curve.attack === one.attack)!;
        expect(points.findLast(([from]) => from <= epsilon)![1]).toBe(one.robustAccuracy);
      }
    }
  });

  it('counts under a threat what was found within a smaller epsilon', async () => {
    const { robustness, curves } = await run(
      'threats: [linf(0.3), linf(0.2)]\nattacks: ["pgd(epsilon=0.2, steps=5)", "square(epsilon=0.3, queries=1)"]',
    );
    const [large, small] = robustness;
    const [square, pgd] = large!.attacks;
    expect(square!.robustAccuracy).toBeGreaterThan(small!.robustAccuracy);
    expect(pgd).toMatchObject({ attack: 'pgd(epsilon=0.2, steps=5)', gradientEvaluations: 0, seconds: null });
    expect(pgd!.cumulativeRobustAccuracy).toBe(large!.robustAccuracy);
    expect(large!.robustAccuracy).toBeLessThanOrEqual(small!.robustAccuracy);
    expect(small!.attacks).toHaveLength(1);
    const worst = curves.find(({ attack }) => attack === 'worst-case')!;
    expect(worst.points.findLast(([from]) => from <= 0.3)![1]).toBe(large!.robustAccuracy);
  });

  it('takes the attacks that answer its threats best where none are named', async () => {
    const { attacks, threats } = parseExperiment(`${BASE}threats: [linf(0.3), l0(20), linf(0.1)]`, 'tiny.yaml', folder);
    expect(attacks.map(({ label }) => label)).toEqual([
      'autoattack(epsilon=0.3)',
      'autoattack(epsilon=0.1)',
      'pdpgd(norm=linf)',
      'sigma-zero',
      'brendel-bethge(norm=l0)',
    ]);
    expect(threats.map(({ fills }) => fills.length)).toEqual([2, 2, 2]);
  });

  it('keeps frozen features and bounds, read from files', async () => {
    const mask = Float32Array.from({ length: 784 }, (_, k) => Number(k % 2 === 0));
    writeFileSync(join(folder, 'mask.npy'), encodeNpy(mask, [1, 28, 28]));
    const { record } = await run('threats: [linf(0.3)]\nattacks: [pgd(steps=5)]\nfeasible: { frozen: mask.npy }');
    const steps = await store.steps.findAll((await store.runSteps.ofRun(record.id)).map(({ key }) => key));
    const evaluate = steps.find(({ artifacts }) => artifacts.some(({ name }) => name === 'originals'))!;
    const read = async (name: string) =>
      store.artifacts.read(evaluate.artifacts.find((artifact) => artifact.name === name)!);
    const [examples, originals] = [await read('adversarial'), await read('originals')].map(
      (bytes) =>
        new Float32Array(
          bytes.buffer.slice(bytes.byteOffset + bytes.length - 784 * 4 * 20, bytes.byteOffset + bytes.length),
        ),
    );
    const moved = examples!.map((value, k) => value - originals![k]!);
    expect(moved.some((value, k) => k % 2 === 1 && value !== 0)).toBe(true);
    expect(moved.every((value, k) => k % 2 === 1 || value === 0)).toBe(true);
  });

  it.each(['least-likely', 'random', 'each'])('aims at a class of each instance: %s', async (target) => {
    const { record, robustness } = await run(`threats: [linf(0.4)]\nattacks: [pgd(steps=20)]\ntarget: ${target}`);
    // Of two classes there is one other: whatever the choice, it is that.
    const untargeted = await run('threats: [linf(0.4)]\nattacks: [pgd(steps=20)]');
    expect(robustness[0]!.robustAccuracy).toBeCloseTo(untargeted.robustness[0]!.robustAccuracy, 1);
    expect(record.notes.join()).toMatch(/Attacks aim at/);
  });

  it.each([
    ['a threat without an attack', 'threats: [l1(10)]\nattacks: [fgs]', /fgs.*l1\(10\)/s],
    [
      'a threat that nothing answers',
      'threats: [linf(0.1), l0(5)]\nattacks: [pgd]',
      /none of the attacks answers l0\(5\)/,
    ],
    ['an attack without epsilon or threats', 'attacks: [pgd]', /"epsilon".*threats/],
    ['neither attacks nor threats', '', /neither attacks nor threats/],
    ['an unknown norm', 'threats: [linff(0.1)]', /linff/],
    ['an epsilon of 0', 'threats: [linf(0)]', /0/],
    ['an unknown target', 'attacks: [cg]\ntarget: "9"', /Unknown target class "9".*least-likely/],
    [
      'a mask of the wrong shape',
      'attacks: [cg]\nfeasible: { frozen: short.npy }',
      /short\.npy has the shape \[3\].*784/,
    ],
    ['a feature that is not there', 'attacks: [cg]\nfeasible: { frozen: [784] }', /0 to 783.*784/],
    ['a mask that is not there', 'attacks: [cg]\nfeasible: { frozen: none.npy }', /none\.npy cannot be read/],
  ])('refuses %s before anything runs', async (_what, text, message) => {
    writeFileSync(join(folder, 'short.npy'), encodeNpy(Float32Array.of(1, 0, 1), [3]));
    await expect(
      (async () => prepare(parseExperiment(`${BASE}${text}`, 'tiny.yaml', folder), { engine: 'onnx' }))(),
    ).rejects.toThrow(message);
  });
});
