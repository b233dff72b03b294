import { type Bounds, type NormName, NORMS, Rng } from '@rampart/core';

import { type Plane, stepToPlane } from './hyperplane';

const norms = ['linf', 'l2', 'l1'] as const satisfies readonly NormName[];
const pick = <T>(rng: Rng, values: readonly T[]): T => values[rng.integer(values.length)]!;

interface Problem extends Plane {
  readonly point: Float32Array;
  readonly bounds: Bounds;
}

/** Points at their bounds, features that may not change, slopes of 0 and slopes alike, planes near, far and out of reach. */
function draw(rng: Rng, size: number): Problem {
  const point = new Float32Array(size);
  const slope = new Float32Array(size);
  const lower = new Float32Array(size);
  const upper = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    lower[i] = -rng.uniform();
    upper[i] = rng.uniform();
    point[i] = pick(rng, [lower[i]!, upper[i]!, 0, 0]);
    if (rng.uniform() < 0.1) upper[i] = lower[i] = point[i]!;
    slope[i] = pick(rng, [0, 1, -1, rng.normal(), rng.normal(), rng.normal()]);
  }
  return { point, slope, bounds: { lower, upper }, value: pick(rng, [0, 0.01, 0.3, 1, 3]) * rng.normal() * Math.sqrt(size) };
}

/** How far down a linear function comes inside a ball and the bounds. */
function reach(norm: NormName, radius: number, { value, slope, point, bounds: { lower, upper } }: Problem): number {
  const sign = value < 0 ? -1 : 1;
  const items = Array.from(slope, (w, i) => ({
    weight: Math.abs(w),
    room: w === 0 ? 0 : sign * w > 0 ? point[i]! - lower[i]! : upper[i]! - point[i]!,
  }));
  const gain = (move: (item: { weight: number; room: number }) => number) =>
    items.reduce((sum, item) => sum + item.weight * Math.min(item.room, move(item)), 0);
  if (norm === 'linf') return gain(() => radius);
  if (norm === 'l1') {
    let left = radius;
    return items
      .toSorted((a, b) => b.weight - a.weight)
      .reduce((sum, { weight, room }) => {
        const move = Math.min(room, left);
        left -= move;
        return sum + weight * move;
      }, 0);
  }
  // The level by bisection.
  let [low, high] = [0, 1e6];
  for (let k = 0; k < 200; k++) {
    const level = (low + high) / 2;
    const squares = items.reduce((sum, { weight, room }) => sum + Math.min(room, level * weight) ** 2, 0);
    if (squares > radius ** 2) high = level;
    else low = level;
  }
  return gain(({ weight }) => low * weight);
}

describe.each(norms)('stepToPlane in %s', (norm) => {
  it('reaches the hyperplane inside the bounds, or comes as near as they allow', () => {
    const rng = Rng.root('hyperplane');
    for (let trial = 0; trial < 2000; trial++) {
      const problem = draw(rng, 1 + rng.integer(40));
      const { point, slope, value, bounds } = problem;
      const step = new Float32Array(point.length).fill(NaN);
      const length = stepToPlane(norm, problem, point, bounds, step);
      let rest = value;
      for (let i = 0; i < point.length; i++) {
        expect(point[i]! + step[i]!).toBeGreaterThanOrEqual(bounds.lower[i]! - 1e-6);
        expect(point[i]! + step[i]!).toBeLessThanOrEqual(bounds.upper[i]! + 1e-6);
        rest += slope[i]! * step[i]!;
      }
      expect(length).toBeCloseTo(NORMS[norm].distance(step, new Float32Array(point.length)), 5);
      const most = reach(norm, 1e4, problem);
      expect(Math.abs(rest)).toBeCloseTo(Math.max(0, Math.abs(value) - most), 4);
    }
  });

  it('is the shortest: no smaller ball reaches the hyperplane', () => {
    const rng = Rng.root('shortest');
    for (let trial = 0; trial < 2000; trial++) {
      const problem = draw(rng, 1 + rng.integer(40));
      const length = stepToPlane(norm, problem, problem.point, problem.bounds, new Float32Array(problem.point.length));
      expect(reach(norm, 0.999 * length, problem)).toBeLessThanOrEqual(Math.abs(problem.value) + 1e-9);
    }
  });

  it('does not move where there is no slope', () => {
    const step = new Float32Array(3).fill(NaN);
    const bounds = { lower: new Float32Array(3), upper: new Float32Array(3).fill(1) };
    const plane = { value: 2, slope: new Float32Array(3) };
    expect(stepToPlane(norm, plane, new Float32Array(3).fill(0.5), bounds, step)).toBe(0);
    expect(step.every((move) => move === 0)).toBe(true);
  });
});
