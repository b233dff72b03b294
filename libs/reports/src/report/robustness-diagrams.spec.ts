import type { ReportedCurve, ReportedRobustness } from './robustness';
import { pointAt, robustnessDiagrams, type RobustnessPoint } from './robustness-diagrams';
import { threatTables } from './threat-tables';

const attack = (name: string, robustAccuracy: number) => ({
  ...{ attack: name, robustAccuracy, cumulativeRobustAccuracy: robustAccuracy, successRate: 1 - robustAccuracy },
  ...{ medianDistance: null, gradientEvaluations: 1, forwardEvaluations: 1, seconds: 1 },
});
const record = (over: Partial<ReportedRobustness> = {}): ReportedRobustness => ({
  ...{ seed: 1, model: 'lenet5', mode: 'adaptive', threat: 'linf(0.3)', norm: 'linf', epsilon: 0.3 },
  ...{ cleanAccuracy: 1, robustAccuracy: 0.5, low: 0.4, high: 0.6, instances: 4, attacked: 4, attackable: 4 },
  ...{ attacks: [attack('pgd(epsilon=0.3)', 0.75), attack('fmn', 0.5)], notes: [], established: true, findings: [] },
  ...over,
});
const points = (...steps: readonly (readonly [number, number])[]): RobustnessPoint[] =>
  steps.map(([epsilon, value]) => [epsilon, value, Math.max(0, value - 0.1), Math.min(1, value + 0.1)]);
const curve = (over: Partial<ReportedCurve> = {}): ReportedCurve => ({
  ...{ seed: 1, model: 'lenet5', mode: 'adaptive', norm: 'linf', attack: 'worst-case', instances: 4 },
  points: points([0, 1], [0.1, 0.75], [0.3, 0.5]),
  ...over,
});
const curves = [curve(), curve({ attack: 'pgd(epsilon=0.3)' }), curve({ attack: 'fmn' })];

describe('diagrams of robust accuracy', () => {
  it('have a line for the worst case and each attack that looks for nearest examples, dots for the others', () => {
    const [diagram, ...others] = robustnessDiagrams(curves, threatTables([record()]));
    expect(others).toEqual([]);
    expect(diagram).toMatchObject({ norm: 'linf', mode: 'adaptive', threats: [0.3] });
    const [panel] = diagram!.panels;
    expect(panel).toMatchObject({ model: 'lenet5', worstCase: { points: curve().points } });
    expect(panel!.attacks.map((line) => line.attack)).toEqual(['fmn']);
    expect(panel!.budgets).toEqual([{ attack: 'pgd(epsilon=0.3)', epsilon: 0.3, robustAccuracy: 0.75 }]);
  });

  it('are left out where only budgets were tried: between them nothing is known', () => {
    expect(robustnessDiagrams(curves.slice(0, 2), threatTables([record()]))).toEqual([]);
  });

  it('are apart by norm and by how examples were made', () => {
    const l2 = { norm: 'l2', threat: 'l2(1)', epsilon: 1 } as const;
    const all = [
      ...curves,
      ...curves.map((one) => ({ ...one, norm: 'l2' as const })),
      ...curves.map((one) => ({ ...one, mode: 'static' as const })),
    ];
    const tables = threatTables([record(), record(l2), record({ mode: 'static' })]);
    expect(robustnessDiagrams(all, tables).map(({ norm, mode }) => [norm, mode])).toEqual([
      ['linf', 'adaptive'],
      ['l2', 'adaptive'],
      ['linf', 'static'],
    ]);
  });

  it('have at every epsilon the mean over the seeds', () => {
    const seeds = [points([0, 1], [0.1, 0.75], [0.3, 0.5]), points([0, 0.9], [0.2, 0.6], [0.3, 0.2], [0.5, 0])];
    const all = seeds.flatMap((own, seed) => curves.map((one) => ({ ...one, seed, points: own })));
    const records = seeds.map((_, seed) => record({ seed }));
    const { points: mean } = robustnessDiagrams(all, threatTables(records))[0]!.panels[0]!.worstCase;
    expect(mean.map(([epsilon]) => epsilon)).toEqual([0, 0.1, 0.2, 0.3, 0.5]);
    for (const [epsilon, value, low, high] of mean) {
      const own = seeds.map((seed) => pointAt(seed, epsilon)[1]);
      expect(value).toBeCloseTo((own[0]! + own[1]!) / 2);
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
    }
  });
});

describe('the point at an epsilon', () => {
  it('holds up to the next, and counts an example that rounding put a little beyond', () => {
    const own = points([0, 1], [Math.fround(0.3), 0.5], [0.6, 0]);
    expect([0, 0.29, 0.3, 0.5, 0.6, 9].map((epsilon) => pointAt(own, epsilon)[1])).toEqual([1, 1, 0.5, 0.5, 0, 0]);
  });
});
