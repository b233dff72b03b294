import type { ReportedAttack, ReportedRobustness } from './robustness';
import { threatTables } from './threat-tables';

const attack = (over: Partial<ReportedAttack>): ReportedAttack => ({
  ...{ attack: 'apgd(epsilon=0.3)', robustAccuracy: 0.9, cumulativeRobustAccuracy: 0.9, successRate: 0.1 },
  ...{ medianDistance: null, gradientEvaluations: 100, forwardEvaluations: 1, seconds: 0.05 },
  ...over,
});
const record = (over: Partial<ReportedRobustness>): ReportedRobustness => ({
  ...{ seed: 1, model: 'lenet5', mode: 'adaptive', threat: 'linf(0.3)', norm: 'linf', epsilon: 0.3 },
  ...{ cleanAccuracy: 0.98, robustAccuracy: 0.9, low: 0.82, high: 0.95, instances: 100, attacked: 100 },
  ...{ attackable: 98, attacks: [attack({})], notes: [], established: true, findings: [] },
  ...over,
});

describe('a table of a threat', () => {
  it('has the models, and of each the worst case and its attacks', () => {
    const [table, ...others] = threatTables([record({}), record({ model: 'rad(attack=adam)', robustAccuracy: 0.5 })]);
    expect(others).toEqual([]);
    expect(table).toMatchObject({ threat: 'linf(0.3)', norm: 'linf', epsilon: 0.3, mode: 'adaptive' });
    expect(table!.models.map(({ model, robustAccuracy }) => [model, robustAccuracy.value])).toEqual([
      ['lenet5', 0.9],
      ['rad(attack=adam)', 0.5],
    ]);
    const { robustAccuracy, cleanAccuracy, success, attacks } = table!.models[0]!;
    expect(robustAccuracy).toEqual({ value: 0.9, low: 0.82, high: 0.95, deviation: undefined, seeds: 1 });
    expect(cleanAccuracy).toMatchObject({ value: 0.98, low: undefined, high: undefined });
    expect(success.value).toBeCloseTo(8 / 98);
    expect(attacks[0]).toMatchObject({
      attack: 'apgd(epsilon=0.3)',
      cumulative: { value: 0.9 },
      seconds: { value: 0.05 },
    });
  });

  it('comes for each threat and way of making examples, attacks on the model itself first', () => {
    const tables = threatTables([
      record({ mode: 'static' }),
      record({}),
      record({ threat: 'l2(2)', norm: 'l2', epsilon: 2 }),
    ]);
    expect(tables.map(({ threat, mode }) => [threat, mode])).toEqual([
      ['linf(0.3)', 'adaptive'],
      ['l2(2)', 'adaptive'],
      ['linf(0.3)', 'static'],
    ]);
  });

  it('has a median distance of attacks that look for nearest examples, where half of the instances fall', () => {
    const [table] = threatTables([
      record({
        attacks: [
          attack({ medianDistance: 0.29 }),
          attack({ attack: 'fmn', medianDistance: 0.25 }),
          attack({ attack: 'fab(norm=linf)', medianDistance: null }),
        ],
      }),
    ]);
    expect(table!.models[0]!.attacks.map(({ distance }) => distance?.value)).toEqual([undefined, 0.25, undefined]);
  });

  it('has the components of an ensemble, where it attacked the model itself', () => {
    const attacks = [
      attack({ attack: 'autoattack(epsilon=8/255)' }),
      attack({ attack: 'autoattack(epsilon=8/255): apgd-ce', seconds: null }),
      attack({ attack: 'autoattack(epsilon=8/255): apgd-t(difference)', seconds: null }),
    ];
    const [adaptive, replayed] = threatTables([record({ attacks }), record({ attacks, mode: 'static' })]);
    expect(adaptive!.models[0]!.attacks.map(({ component }) => component)).toEqual([
      ...[undefined, 'apgd-ce', 'apgd-t(difference)'],
    ]);
    expect(adaptive!.models[0]!.attacks[1]).toMatchObject({ cumulative: undefined, seconds: undefined });
    expect(replayed!.models[0]!.attacks).toHaveLength(1);
  });

  it('says what its records say, once', () => {
    const [table] = threatTables([record({ notes: ['one'] }), record({ seed: 2, notes: ['one', 'two'] })]);
    expect(table!.models[0]!.notes).toEqual(['one', 'two']);
  });

  it('has a figure where there is nothing to attack', () => {
    const [table] = threatTables([record({ cleanAccuracy: 0, robustAccuracy: 0, low: 0, high: 0.04, attackable: 0 })]);
    expect(table!.models[0]).toMatchObject({ success: { value: 0 }, attackable: [0, 0] });
  });
});

describe('several seeds', () => {
  const seeds = [0.9, 0.8, 0.7].map((robustAccuracy, index) =>
    record({
      ...{
        seed: index,
        robustAccuracy,
        low: robustAccuracy - 0.08,
        high: robustAccuracy + 0.05,
        attackable: 98 - index,
      },
      attacks: [attack({ robustAccuracy, gradientEvaluations: 100 + index })],
    }),
  );

  it('are a mean and a deviation of each figure', () => {
    const { robustAccuracy, attacks, attackable } = threatTables(seeds)[0]!.models[0]!;
    expect(robustAccuracy).toMatchObject({ value: expect.closeTo(0.8), deviation: expect.closeTo(0.1), seeds: 3 });
    expect(attacks[0]!.gradients).toMatchObject({ value: 101, deviation: 1 });
    expect(attackable).toEqual([96, 98]);
  });

  it('have an interval that is no narrower than theirs, however well they agree', () => {
    const spread = threatTables(seeds)[0]!.models[0]!.robustAccuracy;
    // Student over three seeds, 4.3027 * 0.1 / sqrt(3), and the 0.08 of each seed.
    expect(spread.low).toBeCloseTo(0.8 - Math.hypot(0.2484, 0.08), 3);
    expect(spread.high).toBe(1);
    const same = [1, 2].map((seed) => record({ seed }));
    expect(threatTables(same)[0]!.models[0]!.robustAccuracy).toMatchObject({
      ...{ low: expect.closeTo(0.82, 12), high: expect.closeTo(0.95, 12), deviation: 0 },
    });
  });

  it('have no deviation where all of them repeat one measurement', () => {
    const [table] = threatTables(seeds, new Set(['lenet5']));
    const { robustAccuracy, success, attacks } = table!.models[0]!;
    expect([robustAccuracy, success, attacks[0]!.robustAccuracy].map(({ deviation }) => deviation)).toEqual([
      ...[undefined, undefined, undefined],
    ]);
    expect(robustAccuracy.low).toBe(threatTables(seeds)[0]!.models[0]!.robustAccuracy.low);
    expect(attacks[0]!.gradients.deviation).toBe(1);
  });

  it('have no median distance where one of them has none', () => {
    const fmn = (medianDistance: number | null) => [attack({ attack: 'fmn', medianDistance })];
    const [table] = threatTables([record({ attacks: fmn(0.2) }), record({ seed: 2, attacks: fmn(null) })]);
    expect(table!.models[0]!.attacks[0]!.distance).toBeUndefined();
  });
});
