import { NORMS, type NormName, Rng } from '@rampart/core';

import { TrustRegionStep } from './trust-region';

const SIZE = 3;

interface Case {
  readonly original: Float32Array;
  readonly point: Float32Array;
  readonly slope: Float32Array;
  readonly value: number;
  readonly radius: number;
}

const BOUNDS = { lower: new Float32Array(SIZE), upper: new Float32Array(SIZE).fill(1) };

function draw(rng: Rng): Case {
  const values = (scale: number, shift: number) =>
    Float32Array.from({ length: SIZE }, () => scale * rng.uniform() + shift);
  const slope = values(2, -1);
  const radius = 0.1 + 0.5 * rng.uniform();
  const size = NORMS.l2.dual(slope);
  return {
    original: values(1, 0),
    point: values(1, 0),
    slope,
    radius,
    value: 0.3 * radius * size * (rng.uniform() - 0.5),
  };
}

/** The nearest point to the original of those on a grid of the plane, inside the ball and the box. */
function bruteForce(name: NormName, { original, point, slope, value, radius }: Case): number {
  let nearest = Infinity;
  const steepest = slope.reduce((best, w, k) => (Math.abs(w) > Math.abs(slope[best]!) ? k : best), 0);
  const [i, j] = [0, 1, 2].filter((k) => k !== steepest) as [number, number];
  const candidate = new Float32Array(SIZE);
  const grid = 60;
  for (let a = -grid; a <= grid; a++) {
    for (let b = -grid; b <= grid; b++) {
      const [di, dj] = [(a / grid) * radius, (b / grid) * radius];
      const rest = -(value + slope[i]! * di + slope[j]! * dj) / slope[steepest]!;
      if (di * di + dj * dj + rest * rest > radius * radius) continue;
      candidate[i] = point[i]! + di;
      candidate[j] = point[j]! + dj;
      candidate[steepest] = point[steepest]! + rest;
      if (candidate.some((x) => x < 0 || x > 1)) continue;
      nearest = Math.min(nearest, NORMS[name].distance(candidate, original));
    }
  }
  return nearest;
}

describe.each(['l2', 'linf', 'l1'] as const)('the step along a boundary in %s', (name) => {
  it('ends where brute force finds nothing nearer to the original', () => {
    const rng = Rng.root(`trust region ${name}`);
    for (let trial = 0; trial < 10; trial++) {
      const { original, point, slope, value, radius } = draw(rng);
      const best = bruteForce(name, { original, point, slope, value, radius });
      if (best === Infinity) continue;
      const moved = point.slice();
      new TrustRegionStep(NORMS[name], original, BOUNDS).move(moved, { value, slope }, radius);
      const sum = moved.reduce((total, x, k) => total + slope[k]! * (x - point[k]!), value);
      expect(Math.abs(sum)).toBeLessThan(1e-5);
      expect(NORMS.l2.distance(moved, point)).toBeLessThan(radius * 1.002);
      expect(moved.every((x) => x >= 0 && x <= 1)).toBe(true);
      expect(NORMS[name].distance(moved, original)).toBeLessThan(best + 0.03 * radius);
    }
  });
});

test('the step goes as far towards the boundary as the ball lets it where that is out of reach', () => {
  const original = Float32Array.of(0.5, 0.5, 0.5);
  const point = original.slice();
  const slope = Float32Array.of(3, 4, 0);
  new TrustRegionStep(NORMS.l2, original, BOUNDS).move(point, { value: 10, slope }, 0.1);
  expect(NORMS.l2.distance(point, original)).toBeCloseTo(0.1, 3);
  expect(point[0]).toBeCloseTo(0.44, 3);
  expect(point[1]).toBeCloseTo(0.42, 3);
});

test('a hyperplane that the box has no point of is come as near to as it can', () => {
  const original = Float32Array.of(0.5, 0.5, 0.5);
  const point = original.slice();
  new TrustRegionStep(NORMS.l1, original, BOUNDS).move(point, { value: 10, slope: Float32Array.of(1, 1, 1) }, 5);
  expect(Math.max(...point)).toBeLessThan(0.01);
});

test('features that may not move stay, and nothing becomes NaN where the slope is 0', () => {
  const original = Float32Array.of(0.5, 0.5, 0.5);
  const bounds = { lower: Float32Array.of(0, 0.5, 0), upper: Float32Array.of(1, 0.5, 1) };
  for (const norm of Object.values(NORMS)) {
    const point = Float32Array.of(0.9, 0.5, 0.2);
    new TrustRegionStep(norm, original, bounds).move(point, { value: 0.01, slope: Float32Array.of(1, 1, 0) }, 0.1);
    expect(point[1]).toBe(0.5);
    new TrustRegionStep(norm, original, bounds).move(point, { value: 0.01, slope: new Float32Array(3) }, 0.1);
    expect(point.every(Number.isFinite)).toBe(true);
  }
});
