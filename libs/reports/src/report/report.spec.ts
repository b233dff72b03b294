import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  type AttackRobustness,
  type CellRecord,
  type CurveRecord,
  encodeNpy,
  type InstanceRecord,
  openStore,
  type Store,
} from '@rampart/results';
import { arrangeCurves } from './curves';
import { overSeeds } from './over-seeds';
import { possibleErrors } from './possible-error';
import { readReport, type Report } from './read-report';
import { readSamples } from './samples';
import { reportTables } from './tables';

const cell = (over: Partial<CellRecord>): CellRecord => ({
  ...{ runId: 'r', seed: 1, model: 'lenet5', attack: 'cg', mode: 'static', metric: 'error-rate', unit: 'fraction' },
  ...{ value: 0.5, low: 0.4, high: 0.6, count: 10, attackStep: 'a', evaluateStep: 'e' },
  ...over,
});

describe('a table', () => {
  it('has measured beside published, and the difference', () => {
    const [table] = reportTables({ published: 'mnist' }, [
      cell({ attack: 'none', mode: 'clean', value: 0.001 }),
      cell({ value: 0.5 }),
      cell({ attack: 'pgd', value: 0.3 }),
      cell({ attack: 'worst-case', value: 0.6 }),
    ]);
    expect(table!.columns).toEqual(['none', 'cg', 'pgd', 'worst-case']);
    const [clean, cg, pgd, worst] = table!.rows[0]!.cells;
    expect([clean!.mode, cg!.mode]).toEqual(['clean', 'static']);
    expect([cg!.published, pgd!.published, worst!.published]).toEqual([expect.closeTo(0.482), undefined, undefined]);
    expect(cg!.difference).toBeCloseTo(0.018);
    expect([pgd!.difference, worst!.difference]).toEqual([undefined, undefined]);
  });

  it('says of replayed examples that they are transferred, and of the others that they are white-box', () => {
    const titles = reportTables({ published: undefined }, [cell({}), cell({ mode: 'adaptive' })]).map(
      (one) => one.title,
    );
    expect(titles[0]).toMatch(/adaptive, white-box/);
    expect(titles[1]).toMatch(/static, transfer/);
  });
});

describe('figures of several seeds', () => {
  const spread = (values: readonly number[], half: number) =>
    values.map((value, seed) => cell({ seed, value, low: value - half, high: value + half }));

  it('are a mean, a standard deviation, and an interval of the test set and of the seeds together', () => {
    const { value, deviation, low, high, seeds } = overSeeds(spread([0.3, 0.4, 0.5], 0.1))!;
    expect([value, deviation, seeds]).toEqual([expect.closeTo(0.4), expect.closeTo(0.1), 3]);
    // The quantile 0.975 of Student's distribution with two degrees of freedom is 4.3027.
    const half = Math.hypot(0.1, (4.3027 * 0.1) / Math.sqrt(3));
    expect([value - low, high - value]).toEqual([expect.closeTo(half, 4), expect.closeTo(half, 4)]);
  });

  it('keep the interval of one seed where all agree: the test set is as small as it was', () => {
    const [one, three] = [overSeeds(spread([0.4], 0.07))!, overSeeds(spread([0.4, 0.4, 0.4], 0.07))!];
    expect([three.low, three.high]).toEqual([expect.closeTo(one.low, 12), expect.closeTo(one.high, 12)]);
  });

  it('stay fractions, and other figures know no upper bound', () => {
    const of = (unit: string) => overSeeds([0.2, 0.9].map((value, seed) => cell({ seed, value, unit })))!.high;
    expect(of('fraction')).toBe(1);
    expect(of('iterations')).toBeGreaterThan(1);
  });
});

describe('the error rate of a mixed test set', () => {
  const counted = (over: Partial<CellRecord>) => cell({ count: 100, ...over });
  const cells = [
    ...[0.1, 0.44].map((value, seed) => counted({ seed, value, low: value - 0.05, high: value + 0.1 })),
    ...[0, 1].map((seed) => counted({ seed, metric: 'recall', value: 0.5, count: 44 })),
    ...[0, 1].map((seed) => counted({ seed, mode: 'clean', attack: 'none', value: 0.02 })),
    ...[0, 1].map((seed) => counted({ seed, mode: 'clean', attack: 'none', metric: 'recall', value: 1, count: 44 })),
  ];

  it('has an interval that ends where all attacked instances are errors, besides those wrong anyway', () => {
    const table = reportTables({ published: undefined }, cells)[0]!;
    expect(table.rows[0]!.cells[table.columns.indexOf('cg')]!.high).toBeCloseTo(0.46, 12);
    const clean = counted({ mode: 'clean', attack: 'none', value: 0.02 });
    expect(possibleErrors(cells)(clean)).toBe(1);
    expect(possibleErrors([clean])(counted({}))).toBe(1);
  });

  it('has no deviation where the seeds repeat one measurement', () => {
    const [once] = reportTables({ published: undefined }, cells, new Set(['lenet5']));
    expect(once!.rows[0]!.cells.every((one) => one?.deviation === undefined)).toBe(true);
  });
});

describe('curves', () => {
  it('are means over the seeds at each x, in order of x, and every kind of training note is a diagram', () => {
    const point = (seed: number, series: string, x: number, y: number): CurveRecord => ({
      ...{ runId: 'r', diagram: 'training', model: 'lenet5' },
      ...{ seed, series, x, y },
    });
    expect(
      arrangeCurves([
        point(1, 'loss', 2, 1),
        point(1, 'loss', 1, 3),
        point(2, 'loss', 1, 5),
        point(1, 'accuracy', 1, 0),
      ]),
    ).toEqual([
      {
        diagram: 'training: loss',
        series: [
          {
            name: 'lenet5',
            model: 'lenet5',
            seeds: 2,
            points: [
              [1, 4],
              [2, 1],
            ],
          },
        ],
      },
      { diagram: 'training: accuracy', series: [{ name: 'lenet5', model: 'lenet5', seeds: 1, points: [[1, 0]] }] },
    ]);
  });
});

describe('the report of a run', () => {
  let directory: string;
  let store: Store;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'report-'));
    store = await openStore(directory, { create: true });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const instance = (evaluateStep: string, position: number, over: Partial<InstanceRecord>): InstanceRecord => ({
    ...{ evaluateStep, position, testIndex: 10 + position, label: 0, predictionBefore: 0, predictionAfter: 1 },
    ...{ confidenceBefore: 1, confidenceAfter: 0.5, distortion: 0.01, linf: 0.5, iterations: 1 },
    ...over,
  });

  /** Two models under cg, three attacked instances of two pixels; the first is misclassified unmodified. */
  const fill = async () => {
    const run = await store.runs.create({
      ...{ name: 'r', planKey: 'p', experiment: '', dataset: 'mnist(classes=[4, 7])', published: 'mnist' as const },
      ...{ engine: 'onnx', seeds: [1], stepsTotal: 1, notes: [] },
    });
    for (const [model, value] of [
      ['lenet5', 1],
      ['rad(attack=adam)', 0],
    ] as const) {
      const key = `evaluate ${model}`;
      const pixels = (by: number) =>
        encodeNpy(
          Float32Array.from([0, 0, 0.1, 0, 0.2, 0], (one) => one + by),
          [3, 1, 1, 2],
        );
      const artifacts = [
        await store.artifacts.write(pixels(0), { name: 'originals', extension: 'npy' }),
        await store.artifacts.write(pixels(0.25), { name: 'adversarial', extension: 'npy' }),
      ];
      const instances = [0, 1, 2].map((position) =>
        instance(key, position, position === 0 ? { predictionBefore: 1 } : {}),
      );
      const step = { key, kind: 'evaluate', label: key, output: {}, artifacts, seconds: 1, finishedAt: 1 };
      await store.steps.finish(step, instances);
      await store.cells.put([
        cell({ runId: run.id, model, mode: 'adaptive', value, low: 0, high: 1, evaluateStep: key }),
      ]);
    }
    await store.curves.put(
      ['rad(attack=adam)', 'lenet5'].flatMap((model) =>
        [0.1, 0.2].map((x) => ({
          ...{ runId: run.id, seed: 1, diagram: 'recall-epsilon', model, series: `${model} under fgs` },
          ...{ x, y: model === 'lenet5' ? 1 - x : 1 },
        })),
      ),
    );
    return run;
  };

  it('judges the claims on its cells and its curves, and has lines in the order of the tables', async () => {
    const { tables, claims, curves } = await readReport(store, await fill());
    expect(tables.map((table) => table.id)).toEqual(['adaptive']);
    expect(claims.find(({ claim }) => claim.id === 'C7')).toMatchObject({ verdict: 'holds', holding: 1 });
    expect(curves[0]!.series.map((series) => series.model)).toEqual(['lenet5', 'rad(attack=adam)']);
  });

  it('claims nothing where the publication has nothing to compare with', async () => {
    const run = await fill();
    expect((await readReport(store, { ...run, published: undefined })).claims).toEqual([]);
  });

  it('shows the same images of every model: those that the first recognises unmodified', async () => {
    const run = await fill();
    const figures = await readSamples(store, run, 5);
    expect(figures.map(({ model, mode, classes }) => [model, mode, classes])).toEqual([
      ['lenet5', 'adaptive', ['4', '7']],
      ['rad(attack=adam)', 'adaptive', ['4', '7']],
    ]);
    for (const { rows, attacks } of figures) {
      expect(attacks).toEqual(['cg']);
      expect(rows.map((row) => row.testIndex)).toEqual([11, 12]);
      const { picture } = rows[0]!.samples[0]!;
      expect(picture).toMatchObject({ channels: 1, height: 1, width: 2, scale: expect.closeTo(0.25) });
    }
    expect((await readSamples(store, run, 1))[0]!.rows).toHaveLength(1);
  });

  describe('with threats', () => {
    const attack = (label: string, attackSteps: readonly string[]): AttackRobustness => ({
      ...{ attack: label, robustAccuracy: 0.5, cumulativeRobustAccuracy: 0.5, successRate: 0.5, medianDistance: null },
      ...{ gradientEvaluations: 40, forwardEvaluations: 1, attackSteps },
    });
    const withThreats = async () => {
      const run = await fill();
      for (const [key, seconds] of [
        ['a1', 3],
        ['a2', 5],
      ] as const) {
        const step = { key, kind: 'attack', label: key, output: {}, artifacts: [], seconds, finishedAt: 1 };
        await store.steps.finish(step);
      }
      const place = { runId: run.id, seed: 1, model: 'lenet5', mode: 'adaptive', norm: 'linf', step: 's' } as const;
      await store.robustness.put(
        [
          {
            ...{ ...place, threat: 'linf(8/255)', epsilon: 8 / 255, cleanAccuracy: 1, robustAccuracy: 0.5 },
            ...{ low: 0.2, high: 0.8, instances: 10, attacked: 4, attackable: 4, notes: ['A note.'] },
            attacks: [
              attack('autoattack(epsilon=8/255)', ['a1', 'a2']),
              attack('autoattack(epsilon=8/255): apgd-ce', []),
            ],
          },
        ],
        [{ ...place, attack: 'worst-case', instances: 10, points: [[0, 1, 0.7, 1]] }],
        0,
      );
      return run;
    };

    it('has how models withstand them, and what an attack took an instance', async () => {
      const { robustness, robustnessCurves } = await readReport(store, await withThreats());
      expect(robustness[0]).toMatchObject({ model: 'lenet5', threat: 'linf(8/255)', notes: ['A note.'] });
      expect(robustness[0]!.attacks.map(({ seconds }) => seconds)).toEqual([2, null]);
      expect(robustnessCurves).toEqual([expect.objectContaining({ norm: 'linf', points: [[0, 1, 0.7, 1]] })]);
    });

    it('is JSON with the fields that its readers rely on, standings first', async () => {
      const report = JSON.parse(JSON.stringify(await readReport(store, await withThreats()))) as Report;
      expect(Object.keys(report).slice(0, 5)).toEqual([
        'run',
        'standings',
        'findings',
        'robustness',
        'robustnessCurves',
      ]);
      const [{ attacks, ...figures }] = report.robustness as [Report['robustness'][0]];
      expect(Object.keys(figures)).toEqual([
        ...['model', 'seed', 'threat', 'norm', 'epsilon', 'mode', 'cleanAccuracy', 'robustAccuracy', 'low', 'high'],
        ...['instances', 'attacked', 'attackable', 'established', 'notes', 'findings'],
      ]);
      for (const one of attacks) {
        expect(Object.keys(one)).toEqual([
          ...['attack', 'robustAccuracy', 'cumulativeRobustAccuracy', 'successRate', 'medianDistance'],
          ...['gradientEvaluations', 'forwardEvaluations', 'seconds'],
        ]);
      }
    });
  });

  it('has no images where nothing was attacked', async () => {
    const run = await fill();
    expect(await readSamples(store, { ...run, id: 'another' })).toEqual([]);
  });
});
