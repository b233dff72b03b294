import { robustnessCurve } from './robustness-curve';

const accuracyAt = (points: ReturnType<typeof robustnessCurve>, epsilon: number) =>
  points.findLast(([from]) => from <= epsilon)![1];

describe('robustnessCurve', () => {
  it('starts at the clean accuracy, and falls where an instance does', () => {
    const points = robustnessCurve([2, Infinity, 1, 2], { asked: [], cleanRight: 5, instances: 10 });
    expect(points.map(([epsilon, accuracy]) => [epsilon, accuracy])).toEqual([
      [0, 0.5],
      [1, 0.4],
      [2, 0.2],
    ]);
  });

  it('counts at the epsilon of a threat what is beyond it by rounding', () => {
    const points = robustnessCurve([0.1 + 4e-9, 0.2], { asked: [0.1], cleanRight: 2, instances: 2 });
    expect(accuracyAt(points, 0.1)).toBe(0.5);
  });

  it('is exact at the epsilons of threats however many places it leaves out', () => {
    const distances = Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000);
    const asked = [0.0995, 0.123, 0.998, 1.5];
    const points = robustnessCurve(distances, { asked, cleanRight: 1000, instances: 1000 });
    expect(points.length).toBeLessThan(210);
    expect(asked.map((epsilon) => accuracyAt(points, epsilon))).toEqual([0.901, 0.877, 0.002, 0]);
  });
});
