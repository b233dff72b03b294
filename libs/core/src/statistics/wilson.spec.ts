import fc from 'fast-check';

import { Rng } from '../rng';
import { wilson } from './wilson';

describe('wilson', () => {
  // Newcombe (1998), Two-sided confidence intervals for the single proportion, Statistics in Medicine 17:857-872,
  // table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('has the published bounds for %d of %d', (successes, count, low, high) => {
    const estimate = wilson(successes, count)!;
    expect(estimate.low).toBeCloseTo(low, 4);
    expect(estimate.high).toBeCloseTo(high, 4);
    expect(estimate).toMatchObject({ value: successes / count, count });
  });

  const proportion = fc.integer({ min: 1, max: 5000 }).chain((count) => fc.tuple(fc.nat(count), fc.constant(count)));

  it('solves the equation that defines it: the bounds are where the score test just rejects', () => {
    fc.assert(
      fc.property(proportion, ([successes, count]) => {
        const { value, low, high } = wilson(successes, count)!;
        for (const bound of [low, high]) {
          if (bound === 0 || bound === 1) continue;
          const score = (value - bound) / Math.sqrt((bound * (1 - bound)) / count);
          expect(Math.abs(score)).toBeCloseTo(1.959964, 5);
        }
      }),
      { seed: 2 },
    );
  });

  it('holds its value, inside 0 and 1, and mirrors failures', () => {
    fc.assert(
      fc.property(proportion, ([successes, count]) => {
        const { value, low, high } = wilson(successes, count)!;
        expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true);
        const mirrored = wilson(count - successes, count)!;
        expect(mirrored.low).toBeCloseTo(1 - high, 12);
      }),
      { seed: 2 },
    );
  });

  it('covers the true proportion about 95 times in 100, also where it is small', () => {
    const rng = Rng.root('coverage');
    for (const p of [0.02, 0.3]) {
      let covered = 0;
      for (let trial = 0; trial < 2000; trial++) {
        let successes = 0;
        for (let i = 0; i < 100; i++) successes += Number(rng.uniform() < p);
        const { low, high } = wilson(successes, 100)!;
        covered += Number(low <= p && p <= high);
      }
      expect(covered / 2000).toBeGreaterThan(0.925);
      expect(covered / 2000).toBeLessThan(0.985);
    }
  });

  it('has nothing to say of no observations, and refuses what is no count', () => {
    expect(wilson(0, 0)).toBeUndefined();
    for (const [successes, count] of [
      [3, 2],
      [-1, 2],
      [0.5, 2],
      [NaN, 2],
      [1, NaN],
    ] as const) {
      expect(() => wilson(successes, count)).toThrow(/whole numbers with 0 <= successes <= observations. Received/);
    }
  });
});
