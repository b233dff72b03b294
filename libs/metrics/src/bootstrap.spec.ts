import { Rng } from '@rampart/core';
import fc from 'fast-check';

import { bootstrapMean } from './bootstrap';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('bootstrapMean', () => {
  it('has the mean inside an interval inside the range of the values', () => {
    fc.assert(
      fc.property(values, fc.nat(), (of, seed) => {
        const { value, low, high, count } = bootstrapMean(of, Rng.root(seed), 'values')!;
        expect(count).toBe(of.length);
        expect(value).toBeCloseTo(of.reduce((sum, x) => sum + x, 0) / of.length, 6);
        expect(low <= value && value <= high).toBe(true);
        const slack = 1e-9 * (1 + Math.max(...of.map(Math.abs)));
        expect(low).toBeGreaterThanOrEqual(Math.min(...of) - slack);
        expect(high).toBeLessThanOrEqual(Math.max(...of) + slack);
      }),
      { seed: 8, numRuns: 50 },
    );
  });

  it('has an interval of no width where all values are equal', () => {
    for (const x of [0, 0.1, 1 / 3]) {
      const { value, low, high } = bootstrapMean(new Array<number>(37).fill(x), Rng.root(1), 'values')!;
      expect(value).toBeCloseTo(x, 15);
      expect(high - low).toBeCloseTo(0, 15);
    }
  });

  it('is the same for the same seed, and moves and scales with the values', () => {
    const of = Array.from({ length: 30 }, (_, i) => (i * 7919) % 31);
    const plain = bootstrapMean(of, Rng.root(1), 'values')!;
    expect(bootstrapMean(of, Rng.root(1), 'values')).toEqual(plain);
    expect(bootstrapMean(of, Rng.root(2), 'values')).not.toEqual(plain);
    const scaled = bootstrapMean(
      of.map((x) => 2 * x + 5),
      Rng.root(1),
      'values',
    )!;
    expect(scaled.low).toBeCloseTo(2 * plain.low + 5, 9);
    expect(scaled.high).toBeCloseTo(2 * plain.high + 5, 9);
  });

  it('covers the true mean about 95 times in 100, for values as skewed as distortions are', () => {
    const rng = Rng.root('coverage');
    const trials = 300;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      // Exponential values, whose mean is 1.
      const sample = Float64Array.from({ length: 80 }, () => -Math.log(1 - rng.uniform()));
      const { low, high } = bootstrapMean(sample, rng.split(trial), 'values')!;
      covered += Number(low <= 1 && 1 <= high);
    }
    // The percentile interval is known to be a little short for skewed values.
    expect(covered / trials).toBeGreaterThan(0.89);
    expect(covered / trials).toBeLessThan(0.98);
  });

  it('is as wide as the normal interval for many values', () => {
    const rng = Rng.root('width');
    const sample = Float64Array.from({ length: 2000 }, () => rng.normal());
    const { low, high } = bootstrapMean(sample, Rng.root(3), 'values')!;
    expect(Math.abs((high - low) / ((2 * 1.96) / Math.sqrt(2000)) - 1)).toBeLessThan(0.12);
  });

  it('has nothing to say of no values, and refuses NaN', () => {
    expect(bootstrapMean([], Rng.root(1), 'distortions')).toBeUndefined();
    expect(() => bootstrapMean([0.1, NaN], Rng.root(1), 'distortions')).toThrow(
      'Expected distortions to be finite. Received NaN at index 1 of 2.',
    );
    expect(() => bootstrapMean([Infinity], Rng.root(1), 'distortions')).toThrow('Received Infinity at index 0 of 1');
  });
});
