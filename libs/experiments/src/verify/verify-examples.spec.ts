import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { decodeNpyFloat32, encodeNpy, openStore, type RunRecord, type Store } from '@rampart/results';

import { runHere } from '../run-here.kit';
import type { ExampleSource } from './example-sets';
import { holds } from './verification';
import { verifyExamples } from './verify-examples';

const TEXT = `
name: tiny
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 1 }
threats: [linf(0.2), l2(2)]
feasible: { frozen: [0, 1, 2, 400], values: 8-bit }
attacks: [fgs(epsilon=0.2), ddn(steps=30), adam]
defenses: ['distillation(epochs=1)']
sweeps: [{ attack: fgs, parameter: epsilon, values: [0.1] }]
`;

describe('verifyExamples', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-verify-'));
  let store: Store;
  let run: RunRecord;

  beforeAll(async () => {
    store = await openStore(folder, { create: true });
    ({ run } = await runHere(store, TEXT, folder));
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The store with one row of one evaluation's examples changed on its way out. */
  function tampered(evaluateStep: string, row: number, change: (example: Float32Array) => void): ExampleSource {
    return {
      ...pick(store),
      steps: Object.assign(Object.create(store.steps) as Store['steps'], {
        find: async (key: string) => {
          const step = await store.steps.find(key);
          if (key !== evaluateStep || !step) return step;
          const ref = step.artifacts.find(({ name }) => name === 'adversarial')!;
          const { data, shape } = decodeNpyFloat32(await store.artifacts.read(ref));
          const size = data.length / shape[0]!;
          change(data.subarray(row * size, (row + 1) * size));
          const other = await store.artifacts.write(encodeNpy(data, shape), ref);
          return { ...step, artifacts: step.artifacts.map((one) => (one === ref ? other : one)) };
        },
      }),
    };
  }

  const faultsOf = async (source: ExampleSource) =>
    (await verifyExamples(source, run)).sets.flatMap(({ faults }) => faults);
  const setOf = async (attack: string) =>
    (await verifyExamples(store, run)).sets.find((set) => set.attack === attack && set.mode === 'adaptive')!;

  it('finds that every example of a run holds: of tables, of replays and of sweeps', async () => {
    const verification = await verifyExamples(store, run);
    expect(holds(verification)).toBe(true);
    const places = verification.sets.map(({ model, attack, mode }) => `${model} ${attack} ${mode}`);
    for (const model of ['lenet5', 'distillation(temperature=100, epochs=1)']) {
      for (const attack of ['fgs(epsilon=0.2)', 'ddn(steps=30)', 'adam']) {
        for (const mode of ['static', 'adaptive']) expect(places).toContain(`${model} ${attack} ${mode}`);
      }
      expect(places).toContain(`${model} fgs(epsilon=0.1) adaptive`);
    }
    for (const { examples, evading, survive8Bit, otherBatch, notes } of verification.sets) {
      expect(examples).toBeGreaterThan(20);
      // The feasible set has 8-bit values only.
      expect(survive8Bit).toBe(evading);
      expect([otherBatch, notes]).toEqual([true, []]);
    }
  });

  it('holds each attack to its own ball, and counts again what evades within each threat', async () => {
    const fgs = await setOf('fgs(epsilon=0.2)');
    expect(fgs.ball).toBe('linf(0.2)');
    expect(fgs.figures).toEqual([{ threat: 'linf(0.2)', recorded: fgs.evading, found: fgs.evading }]);
    const ddn = await setOf('ddn(steps=30)');
    expect(ddn.ball).toBeUndefined();
    expect(ddn.figures.map(({ threat }) => threat)).toEqual(['l2(2)']);
    expect(ddn.figures[0]!.found).toBe(ddn.figures[0]!.recorded);
    expect(ddn.figures[0]!.found).toBeLessThan(ddn.evading);
    expect((await setOf('adam')).ball).toBeUndefined();
  });

  it.each<[string, (example: Float32Array) => void, RegExp]>([
    ['outside the ball', (example) => void (example[300] = example[300]! > 0 ? -0.5 : 0.5), /outside linf\(0\.2\)/],
    ['outside the box', (example) => void (example[300] = 0.75), /feature 300 is 0\.75, outside \[-0\.5, 0\.5\]/],
    ['in a frozen feature', (example) => void (example[400]! += example[400]! > 0 ? -0.1 : 0.1), /feature 400 is /],
    [
      'off the 8-bit levels',
      (example) => void (example[300]! += example[300]! > 0 ? -0.001 : 0.001),
      /feature 300 is [^,]*, which it may not be/,
    ],
    ['to nothing that is a number', (example) => void (example[300] = NaN), /feature 300 is NaN, outside/],
  ])('names an example that was changed: %s', async (_, change, reason) => {
    const { evaluateStep } = await setOf('fgs(epsilon=0.2)');
    const faults = await faultsOf(tampered(evaluateStep, 5, change));
    expect(faults.map(({ position }) => position)).toEqual([5, ...(faults.length > 1 ? [5] : [])]);
    expect(faults[0]!.reasons.join('; ')).toMatch(reason);
    expect(faults[0]!.reasons).toContain('it is not the one that the attack made');
  });

  it('does not take one instance for another', async () => {
    const { evaluateStep } = await setOf('fgs(epsilon=0.2)');
    const faults = await faultsOf(tampered(evaluateStep, 0, (example) => example.fill(-0.5)));
    expect(faults[0]!.reasons.join('; ')).toMatch(/its largest change is 0\.99\d+ and was recorded as 0\.2/);
  });

  it('counts a figure that the examples do not bear out', async () => {
    const records = await store.robustness.ofRun(run.id);
    const wrong: ExampleSource = {
      ...pick(store),
      robustness: Object.assign(Object.create(store.robustness) as Store['robustness'], {
        ofRun: () =>
          Promise.resolve(
            records.map((record) => ({
              ...record,
              attacks: record.attacks.map((one) => ({ ...one, successRate: one.successRate / 2 })),
            })),
          ),
      }),
    };
    const verification = await verifyExamples(wrong, run);
    expect(verification.sets.flatMap(({ faults }) => faults)).toEqual([]);
    expect(holds(verification)).toBe(false);
  });

  it('stops when its signal fires, and tells how far it is', async () => {
    const controller = new AbortController();
    const told: number[] = [];
    const stopped = verifyExamples(store, run, {
      signal: controller.signal,
      onProgress: ({ done }) => {
        told.push(done);
        if (told.length === 3) controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(told).toHaveLength(3);
  });

  it('refuses a run without examples', async () => {
    const empty = await store.runs.create({ ...run, planKey: 'empty', stepsTotal: 0 });
    await expect(verifyExamples(store, empty)).rejects.toThrow(/has no stored examples/);
  });
});

/** The parts of a store that verifying asks, as own properties. */
function pick({ cells, models, instances, steps, runSteps, artifacts, robustness }: Store): ExampleSource {
  return { cells, models, instances, steps, runSteps, artifacts, robustness };
}
