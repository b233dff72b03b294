import { NORMS, type NormName, Rng } from '@rampart/core';

import { proximal } from './proximal';

const SIZE = 4;
const ZERO = new Float32Array(SIZE);

function objective(name: NormName, z: Float32Array, x: Float32Array, curvatures: Float32Array, weight: number): number {
  return z.reduce(
    (sum, value, k) => sum + (curvatures[k]! * (value - x[k]!) ** 2) / 2,
    weight * NORMS[name].distance(z, ZERO),
  );
}

describe.each(['l0', 'l1', 'l2', 'linf'] as const)('the proximal operator of %s', (name) => {
  it('leaves nothing that a change near it, or back to 0, would lower', () => {
    const rng = Rng.root(`proximal ${name}`);
    for (let trial = 0; trial < 50; trial++) {
      const x = Float32Array.from({ length: SIZE }, () => rng.normal());
      const curvatures = Float32Array.from({ length: SIZE }, () => Math.exp(2 * rng.normal()));
      const weight = Math.exp(2 * rng.normal());
      const z = x.slice();
      proximal(name, z, curvatures, weight);
      const least = objective(name, z, x, curvatures, weight);
      expect(objective(name, ZERO, x, curvatures, weight)).toBeGreaterThan(least - 1e-5);
      for (let change = 0; change < 50; change++) {
        const other = z.map((value) => value + 0.01 * rng.normal() * (name === 'l0' ? Number(value !== 0) : 1));
        expect(objective(name, other, x, curvatures, weight)).toBeGreaterThan(least - 1e-5 * (1 + least));
      }
    }
  });

  it('makes nothing of zeros and of features that are next to free to move', () => {
    const vector = Float32Array.of(0, 0, 0, 1);
    proximal(name, vector, Float32Array.of(1e-12, 1, 1e9, 1e-12), 0.5);
    expect(vector.every(Number.isFinite)).toBe(true);
    expect(Array.from(vector.subarray(0, 3))).toEqual([0, 0, 0]);
  });
});
