import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  type AttackRobustness,
  openStore,
  type RobustnessCurveRecord,
  type RobustnessRecord,
  type Store,
} from '@rampart/results';

import { createCaller } from './router';

const attack = (name: string, robustAccuracy: number, over: Partial<AttackRobustness> = {}): AttackRobustness => ({
  attack: name,
  robustAccuracy,
  cumulativeRobustAccuracy: robustAccuracy,
  successRate: 1 - robustAccuracy,
  medianDistance: null,
  gradientEvaluations: 10,
  forwardEvaluations: 2,
  attackSteps: ['attacked'],
  ...over,
});

describe('the robustness of a run', () => {
  let directory: string;
  let store: Store;
  let api: ReturnType<typeof createCaller>;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-robustness-'));
    store = await openStore(directory, { create: true });
    api = createCaller({ store });
    await store.steps.finish({
      key: 'attacked',
      kind: 'attack',
      label: 'attack',
      output: {},
      artifacts: [],
      seconds: 20,
      finishedAt: 1,
    });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function addRun(name: string, records: readonly Partial<RobustnessRecord>[] = []): Promise<string> {
    const { id: runId } = await store.runs.create({
      name,
      planKey: name,
      experiment: '',
      dataset: 'mnist',
      published: undefined,
      engine: 'onnx',
      seeds: [1],
      stepsTotal: 1,
    });
    const put = records.map((record): RobustnessRecord => ({
      runId,
      seed: 1,
      model: 'lenet5',
      mode: 'adaptive',
      threat: 'linf(0.3)',
      norm: 'linf',
      epsilon: 0.3,
      cleanAccuracy: 0.9,
      robustAccuracy: 0.5,
      low: 0.4,
      high: 0.6,
      instances: 100,
      attacked: 100,
      attackable: 90,
      attacks: [
        attack('autoattack(epsilon=0.3)', 0.6),
        attack('autoattack(epsilon=0.3): apgd-ce', 0.7, { attackSteps: [] }),
        attack('fmn', 0.55, { cumulativeRobustAccuracy: 0.5, medianDistance: 0.4 }),
      ],
      notes: [],
      step: 's',
      ...record,
    }));
    const curves = put.flatMap(({ model, mode, seed }): RobustnessCurveRecord[] =>
      ['worst-case', 'fmn'].map((of) => ({
        runId,
        seed,
        model,
        mode,
        norm: 'linf',
        attack: of,
        instances: 100,
        points: [
          [0, 0.9, 0.8, 1],
          [0.2, 0.5, 0.4, 0.6],
        ],
        step: 's',
      })),
    );
    await store.robustness.put(put, curves, 0);
    return runId;
  }

  it('has a table for each threat, attacks on the models themselves first, and components in their ensembles', async () => {
    const id = await addRun('first', [{ mode: 'static' }, {}]);
    const tables = await api.robustness.threats({ id });
    expect(tables.map(({ threat, mode }) => [threat, mode])).toEqual([
      ['linf(0.3)', 'adaptive'],
      ['linf(0.3)', 'static'],
    ]);
    const [model] = tables[0]!.models;
    expect(model).toMatchObject({ robustAccuracy: { value: 0.5, low: 0.4, high: 0.6 }, attackable: [90, 90] });
    expect(model!.attacks.map((one) => [one.attack, one.component, one.seconds?.value])).toEqual([
      ['autoattack(epsilon=0.3)', undefined, 0.2],
      ['autoattack(epsilon=0.3): apgd-ce', 'apgd-ce', undefined],
      ['fmn', undefined, 0.2],
    ]);
  });

  it('draws each model with the threats of the norm and the size of the test set', async () => {
    const id = await addRun('first', [{}, { model: 'rad' }]);
    const drawn = await api.robustness.curves({ id });
    expect(drawn.map(({ model, norm, mode, seeds, instances }) => [model, norm, mode, seeds, instances])).toEqual([
      ['lenet5', 'linf', 'adaptive', 1, 100],
      ['rad', 'linf', 'adaptive', 1, 100],
    ]);
    expect(drawn[0]!.threats).toEqual([{ threat: 'linf(0.3)', epsilon: 0.3 }]);
    expect(drawn[0]!.worstCase.points).toHaveLength(2);
    expect(drawn[0]!.attacks.map((line) => line.attack)).toEqual(['fmn']);
  });

  it('has what is certain beside it, on the leaderboard of the attackable instances, where it is of the same ones', async () => {
    const id = await addRun('smoothed', [{}]);
    const certificate = {
      ...{ runId: id, seed: 1, model: 'lenet5', sigma: 0.5, samples: 1000, selection: 100, alpha: 0.001, reach: 1.2 },
      ...{ features: 4, instances: 100, attackable: 90, abstained: 0, step: 'c' },
      // The linf ball of 0.3 around 4 features is inside the l2 ball of 0.6.
      curve: [[0, 0.8, 0.7, 0.9] as const, [0.7, 0.4, 0.3, 0.5] as const],
      attackableCurve: [[0.7, 0.35, 0.3, 0.4] as const],
    };
    const figures = async () => {
      const [table] = await api.robustness.threats({ id });
      const [row] = (await api.leaderboard.rows({ threat: 'linf(0.3)' })).rows;
      return [table!.models[0]!.certified?.value, row!.certifiedAccuracy?.value];
    };
    expect(await figures()).toEqual([undefined, undefined]);
    await store.certificates.put(certificate, 0);
    expect(await figures()).toEqual([0.4, 0.35]);
    // Of the first instances alone it is about others.
    await store.certificates.put({ ...certificate, instances: 50, attackable: 45 }, 0);
    expect(await figures()).toEqual([undefined, undefined]);
  });

  it('ranks by a threat before whatever the distance, where runs have either, and by what is asked for', async () => {
    const threatened = await addRun('threatened', [{}]);
    const plain = await addRun('plain');
    const evaluation = { key: 'evaluated', kind: 'evaluate', label: 'evaluate', output: {}, artifacts: [] };
    const asked = { testIndex: 0, label: 0, predictionBefore: 0, predictionAfter: 1, iterations: 1 };
    const sizes = { confidenceBefore: 0.9, confidenceAfter: 0.8, distortion: 0.1, linf: 0.5 };
    await store.steps.finish({ ...evaluation, seconds: 1, finishedAt: 1 }, [
      { evaluateStep: 'evaluated', position: 0, ...asked, ...sizes },
    ]);
    const figure = { metric: 'error-rate', unit: 'fraction', value: 1, low: 0, high: 1, count: 1 };
    const cell = { runId: plain, seed: 1, model: 'lenet5', attack: 'cg', mode: 'adaptive' } as const;
    await store.cells.put([{ ...cell, ...figure, attackStep: 'attacked', evaluateStep: 'evaluated' }]);
    const ranked = async (threat?: string) => {
      const { rows, facets, norms, ...answered } = await api.leaderboard.rows({ threat });
      expect(facets.map((one) => [one.threat, one.models])).toEqual([
        ['linf(0.3)', 1],
        [undefined, 1],
      ]);
      expect(norms).toEqual([{ norm: 'linf', epsilon: 0.3 }]);
      return [answered.threat, rows.map(({ run }) => run.id)];
    };
    expect(await ranked()).toEqual(['linf(0.3)', [threatened]]);
    expect(await ranked('linf(0.3)')).toEqual(['linf(0.3)', [threatened]]);
    expect(await ranked('any')).toEqual([undefined, [plain]]);
  });

  it('is empty for a run without threats, and a run that is not there is not found', async () => {
    const id = await addRun('plain');
    expect(await api.robustness.threats({ id })).toEqual([]);
    expect(await api.robustness.curves({ id })).toEqual([]);
    await expect(api.robustness.threats({ id: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is what a list shows of a run with threats and sorts it by, among runs of the same threat and attacks', async () => {
    const weak = await addRun('weak', [{ robustAccuracy: 0.2 }, { threat: 'l2(1)', robustAccuracy: 0.89 }]);
    const strong = await addRun('strong', [
      { robustAccuracy: 0.8 },
      { model: 'replayed', mode: 'static', robustAccuracy: 0.9 },
      { model: 'other', robustAccuracy: 0.1 },
    ]);
    const elsewhere = await addRun('elsewhere', [{ threat: 'l2(1)', robustAccuracy: 0.85 }]);
    const unanswered = await addRun('unanswered', [{ attacks: [], robustAccuracy: 0.9 }]);
    const plain = await addRun('plain');
    const { runs } = await api.runs.list({ order: 'robust-accuracy', descending: true });
    // None of the last two has a figure: the latest comes first.
    expect(runs.map(({ id }) => id).slice(0, 3)).toEqual([elsewhere, strong, weak]);
    expect(
      runs
        .map(({ id }) => id)
        .slice(3)
        .sort(),
    ).toEqual([unanswered, plain].sort());
    expect(runs.map(({ best }) => best?.robustAccuracy.value)).toEqual([
      ...[85 / 90, 80 / 90, 20 / 90].map((value) => expect.closeTo(value)),
      undefined,
      undefined,
    ]);
    expect(runs[1]!.best).toMatchObject({ model: 'lenet5', threat: 'linf(0.3)', furtherThreats: 0 });
    expect(runs[2]!.best).toMatchObject({ furtherThreats: 1 });
    const [first, second, third] = runs.map(({ among }) => among);
    expect([first === second, second === third]).toEqual([false, true]);
    expect(runs.map(({ tied }) => tied)).toEqual([false, false, false, false, false]);
  });
});
