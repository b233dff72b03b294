import { type Bounds, type NormName, NORMS, Rng } from '@rampart/core';

import { type Plane, solvePlane, stepToPlane } from './hyperplane';

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
  return {
    point,
    slope,
    bounds: { lower, upper },
    value: pick(rng, [0, 0.01, 0.3, 1, 3]) * rng.normal() * Math.sqrt(size),
  };
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
  for (let k = 0; k < 90; k++) {
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
    let outside = 0;
    let missed = 0;
    let mismeasured = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const problem = draw(rng, 1 + rng.integer(40));
      const { point, slope, value, bounds } = problem;
      const step = new Float32Array(point.length).fill(NaN);
      const length = stepToPlane(NORMS[norm], problem, point, bounds, step);
      let rest = value;
      for (let i = 0; i < point.length; i++) {
        const there = point[i]! + step[i]!;
        outside = Math.max(outside, bounds.lower[i]! - there, there - bounds.upper[i]!);
        rest += slope[i]! * step[i]!;
      }
      missed = Math.max(missed, Math.abs(Math.abs(rest) - Math.max(0, Math.abs(value) - reach(norm, 1e4, problem))));
      mismeasured = Math.max(mismeasured, Math.abs(length - NORMS[norm].distance(step, new Float32Array(step.length))));
    }
    expect(outside).toBeLessThan(1e-6);
    expect(missed).toBeLessThan(1e-5);
    expect(mismeasured).toBeLessThan(1e-5);
  });

  it('is the shortest: no smaller ball reaches the hyperplane', () => {
    const rng = Rng.root('shortest');
    let beyond = -Infinity;
    for (let trial = 0; trial < 500; trial++) {
      const problem = draw(rng, 1 + rng.integer(40));
      const length = stepToPlane(
        NORMS[norm],
        problem,
        problem.point,
        problem.bounds,
        new Float32Array(problem.point.length),
      );
      beyond = Math.max(beyond, reach(norm, 0.999 * length, problem) - Math.abs(problem.value));
    }
    expect(beyond).toBeLessThan(1e-9);
  });

  it('finds the same step from every guess', () => {
    const rng = Rng.root('guess');
    let apart = 0;
    for (let trial = 0; trial < 500; trial++) {
      const problem = draw(rng, 1 + rng.integer(40));
      const lengths = [0, 1e-3, 0.1, 0.5, 1, 10, 1e9, 1e200].map((level) => {
        const step = { level, share: 0, sign: 1, length: NaN };
        solvePlane(NORMS[norm], problem, problem.point, problem.bounds, step);
        return step.length;
      });
      apart = Math.max(apart, ...lengths.map((length) => Math.abs(length / lengths[0]! - 1) || 0));
    }
    expect(apart).toBeLessThan(1e-7);
  });

  it('does not move where there is no slope', () => {
    const step = new Float32Array(3).fill(NaN);
    const bounds = { lower: new Float32Array(3), upper: new Float32Array(3).fill(1) };
    const plane = { value: 2, slope: new Float32Array(3) };
    expect(stepToPlane(NORMS[norm], plane, new Float32Array(3).fill(0.5), bounds, step)).toBe(0);
    expect(step.every((move) => move === 0)).toBe(true);
  });
});
