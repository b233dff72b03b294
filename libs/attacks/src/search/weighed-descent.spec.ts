import { type AttackInstance, pixelBox } from '@rampart/core';

import { WeighedDescent } from './weighed-descent';

const OPTIONS = { steps: 500, learningRate: 0.02, kappa: 0, abortEarly: true };

/** A margin of 0.3 that each of two features lowers, the first twice as fast. */
function instance() {
  const original = Float32Array.of(0.5, 0.5);
  const asked: number[] = [];
  const fake = {
    features: 2,
    original,
    box: pixelBox(0, 1),
    bounds: { lower: new Float32Array(2), upper: new Float32Array(2).fill(1) },
    gradient: async ([a, b]: Float32Array) => {
      const margin = 0.3 - 2 * (a! - 0.5) - (b! - 0.5);
      asked.push(margin);
      return { loss: margin, margin, gradient: Float32Array.of(-2, -1), logits: new Float32Array(2) };
    },
  };
  return { fake: fake as unknown as AttackInstance, asked };
}

describe('WeighedDescent', () => {
  it('finds no example where the margin weighs too little, and one where it weighs enough', async () => {
    const { fake } = instance();
    const descent = new WeighedDescent(fake, OPTIONS);
    descent.start(fake.original);
    expect(await descent.run({ constant: 0.01 })).toBe(false);
    descent.start(fake.original);
    expect(await descent.run({ constant: 10 })).toBe(true);
  });

  it('stops at the first example that moves no feature beyond the limit', async () => {
    const { fake, asked } = instance();
    const descent = new WeighedDescent(fake, OPTIONS);
    descent.start(fake.original);
    expect(await descent.run({ constant: 1, tau: 0.11, limit: 0.12, first: true })).toBe(true);
    expect(asked.at(-1)).toBeLessThan(0);
    for (const value of descent.point) expect(Math.abs(value - 0.5)).toBeLessThanOrEqual(0.12 + 1e-6);
  });

  it('leaves features alone that are not free', async () => {
    const { fake } = instance();
    const descent = new WeighedDescent(fake, OPTIONS);
    descent.free[0] = 0;
    descent.start(fake.original);
    expect(await descent.run({ constant: 10, first: true })).toBe(true);
    expect(descent.point[0]).toBe(0.5);
    expect(descent.point[1]).toBeGreaterThan(0.79);
  });
});
