import { areaUpTo, optimality, optimalityTables } from './optimality';
import type { RobustnessPoint } from './robustness-diagrams';
import type { ReportedCurve, ReportedRobustness } from './robustness';
import { threatTables } from './threat-tables';

/** A staircase that falls by 1/count at each distance. */
function curveOf(distances: readonly number[], count = distances.length): RobustnessPoint[] {
  const sorted = [...distances].sort((a, b) => a - b).filter(Number.isFinite);
  const at = (epsilon: number, fallen: number) => [epsilon, 1 - fallen / count, 0, 1] as const;
  return [at(0, 0), ...sorted.map((distance, index) => at(distance, index + 1))];
}

describe('the area under a staircase', () => {
  it('is that of its rectangles, up to an epsilon', () => {
    const points = curveOf([1, 3]);
    expect(areaUpTo(points, 0.5)).toBe(0.5);
    expect(areaUpTo(points, 1)).toBe(1);
    expect(areaUpTo(points, 2)).toBe(1.5);
    expect(areaUpTo(points, 10)).toBe(2);
  });

  it('is the mean distance, where every instance falls', () => {
    const distances = [0.3, 0.1, 0.7, 0.4, 0.4];
    expect(areaUpTo(curveOf(distances), 5)).toBeCloseTo(1.9 / 5);
  });
});

describe('the optimality of an attack', () => {
  const best = curveOf([1, 2, 3, 4]);

  it('is 1 for the best', () => {
    expect(optimality(best, best)).toBe(1);
  });

  it('is 0 for one that finds nothing, or only farther away than the best needs for any', () => {
    expect(optimality(curveOf([], 4), best)).toBe(0);
    expect(optimality(curveOf([4, 5, 6, 7]), best)).toBe(0);
  });

  it.each([
    // The areas from 0 to 4: the best has 10/4, no attack has 4.
    [[2, 3, 4, 4], 13 / 4],
    [[1, 2, 3, Infinity], 10 / 4],
    [[1, 2, Infinity, Infinity], 11 / 4],
    [[1, Infinity, Infinity, Infinity], 13 / 4],
  ])('is by the areas: %p', (distances, area) => {
    expect(optimality(curveOf(distances, 4), best)).toBeCloseTo(1 - (area - 2.5) / (4 - 2.5));
  });

  it('does not depend on the unit of epsilon', () => {
    const scaled = (points: readonly RobustnessPoint[]) =>
      points.map(([epsilon, ...rest]): RobustnessPoint => [epsilon / 255, ...rest]);
    const attack = curveOf([1.5, 2, 3.5, 6]);
    expect(optimality(scaled(attack), scaled(best))).toBeCloseTo(optimality(attack, best));
  });

  it('does not depend on instances that nothing was ever found of', () => {
    const attack = [1.5, 2, 3.5, 6];
    const others = (distances: readonly number[]) => curveOf([...distances, ...Array(6).fill(Infinity)]);
    expect(optimality(others(attack), others([1, 2, 3, 4]))).toBeCloseTo(optimality(curveOf(attack), best));
  });

  it('is 1 where there is nothing to find', () => {
    expect(optimality(curveOf([], 4), curveOf([], 4))).toBe(1);
    expect(optimality([[0, 0, 0, 0]], [[0, 0, 0, 0]])).toBe(1);
  });

  it('stays a fraction where thinned curves have an attack before the best', () => {
    expect(optimality(curveOf([0.9, 1.9, 2.9, 3.9]), best)).toBe(1);
  });
});

describe('attacks by optimality', () => {
  const DISTANCES: Readonly<Record<string, readonly number[]>> = {
    'worst-case': [1, 2, 3, 4],
    'pgd(epsilon=2)': [2, 2, Infinity, Infinity],
    fmn: [1, 2, 3, 5],
    ddn: [1, 2, 3, 4],
    fab: [2, 3, 4, Infinity],
  };
  const names = Object.keys(DISTANCES).slice(1);
  const attack = (name: string) => ({
    ...{ attack: name, robustAccuracy: 0.5, cumulativeRobustAccuracy: 0.5, successRate: 0.5, medianDistance: 2.5 },
    ...{ gradientEvaluations: 40, forwardEvaluations: 1, seconds: 0.01 },
  });
  const record = (over: Partial<ReportedRobustness> = {}): ReportedRobustness => ({
    ...{ seed: 1, model: 'lenet5', mode: 'adaptive', threat: 'l2(2)', norm: 'l2', epsilon: 2, cleanAccuracy: 1 },
    ...{ robustAccuracy: 0.5, low: 0.2, high: 0.8, instances: 4, attacked: 4, attackable: 4, notes: [] },
    ...{ attacks: names.map(attack), established: true, findings: [] },
    ...over,
  });
  const curves = (over: Partial<ReportedCurve> = {}) =>
    Object.entries(DISTANCES).map(([name, distances]): ReportedCurve => ({
      ...{ seed: 1, model: 'lenet5', mode: 'adaptive', norm: 'l2', attack: name, instances: 4 },
      points: curveOf(distances, 4),
      ...over,
    }));
  const tablesOf = (records: readonly ReportedRobustness[], all: readonly ReportedCurve[]) =>
    optimalityTables(records, all, threatTables(records));

  it('are those that look for nearest examples, the best first', () => {
    const [table, ...others] = tablesOf([record()], curves());
    expect(others).toEqual([]);
    expect([table!.model, table!.norm]).toEqual(['lenet5', 'l2']);
    expect(table!.attacks.map((one) => one.attack)).toEqual(['fmn', 'ddn', 'fab']);
    expect(table!.attacks.map((one) => one.optimality.value)).toEqual([1, 1, expect.closeTo(0.5)]);
    expect(table!.attacks.map((one) => one.success.value)).toEqual([1, 1, 0.75]);
    expect(table!.attacks[0]).toMatchObject({ distance: { value: 2.5 }, gradients: { value: 40 } });
  });

  it('count what they find among the attackable instances', () => {
    const [table] = tablesOf([record({ attackable: 3, instances: 5 })], curves({ instances: 4 }));
    expect(table!.attacks.at(-1)).toMatchObject({ attack: 'fab', success: { value: 1 } });
  });

  it('are means over the seeds', () => {
    const second = curves({ seed: 2 }).map((curve) =>
      curve.attack === 'fab' ? { ...curve, points: curveOf([], 4) } : curve,
    );
    const [table] = tablesOf([record(), record({ seed: 2 })], [...curves(), ...second]);
    expect(table!.attacks.at(-1)!.optimality).toMatchObject({ value: expect.closeTo(0.25), seeds: 2 });
  });

  it('are not ranked where there are fewer than three, or where examples are replayed', () => {
    const two = curves().filter((curve) => curve.attack !== 'fab');
    expect(tablesOf([record()], two)).toEqual([]);
    expect(tablesOf([record({ mode: 'static' })], curves({ mode: 'static' }))).toEqual([]);
    expect(tablesOf([], [])).toEqual([]);
  });
});
