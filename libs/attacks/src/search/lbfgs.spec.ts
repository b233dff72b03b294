import { type Bounds, Rng } from '@rampart/core';

import { type Evaluation, minimise } from './lbfgs';

const SIZE = 6;

/** (x - c)' A (x - c) / 2 with A = M'M + I. */
function quadratic(rng: Rng): (point: Float32Array) => Promise<Evaluation & { point: Float32Array }> {
  const m = Array.from({ length: SIZE * SIZE }, () => rng.normal());
  const centre = Array.from({ length: SIZE }, () => rng.normal());
  return async (point) => {
    const gradient = new Float64Array(SIZE);
    let value = 0;
    for (let r = 0; r < SIZE; r++) {
      let sum = 0;
      for (let k = 0; k < SIZE; k++) sum += m[r * SIZE + k]! * (point[k]! - centre[k]!);
      for (let k = 0; k < SIZE; k++) gradient[k]! += sum * m[r * SIZE + k]!;
      value += (sum * sum) / 2;
    }
    for (let k = 0; k < SIZE; k++) {
      gradient[k]! += point[k]! - centre[k]!;
      value += (point[k]! - centre[k]!) ** 2 / 2;
    }
    return { value, gradient, point };
  };
}

describe('minimise', () => {
  it('meets the conditions of the minimum of a quadratic function inside bounds', async () => {
    const rng = Rng.root('lbfgs');
    for (let trial = 0; trial < 50; trial++) {
      const evaluate = quadratic(rng);
      const reach = trial % 2 === 0 ? 0.3 : 10;
      const bounds: Bounds = {
        lower: new Float32Array(SIZE).fill(-reach),
        upper: new Float32Array(SIZE).fill(reach),
      };
      bounds.upper[0] = bounds.lower[0]!;
      const start = new Float32Array(SIZE).fill(-reach);
      const { point, gradient } = await minimise(evaluate, start, bounds, { evaluations: 500, scale: 1, progress: 0 });
      for (let k = 0; k < SIZE; k++) {
        const pushed = gradient[k]! > 0 ? point[k] === bounds.lower[k] : point[k] === bounds.upper[k];
        if (!pushed) expect(Math.abs(gradient[k]!)).toBeLessThan(0.01);
        expect(point[k]).toBeGreaterThanOrEqual(bounds.lower[k]!);
        expect(point[k]).toBeLessThanOrEqual(bounds.upper[k]!);
      }
    }
  });

  it('stops where there is no slope', async () => {
    let asked = 0;
    const flat = async () => {
      asked++;
      return { value: 1, gradient: new Float64Array(2) };
    };
    const bounds = { lower: new Float32Array(2), upper: new Float32Array(2).fill(1) };
    const start = new Float32Array(2).fill(0.5);
    await minimise(flat, start, bounds, { evaluations: 100, scale: 1, progress: 0 });
    expect(asked).toBe(1);
  });
});
