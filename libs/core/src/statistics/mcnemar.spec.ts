import fc from 'fast-check';

import { mcnemar } from './mcnemar';

const counts = fc.nat({ max: 400 });

describe("McNemar's exact test", () => {
  it.each([
    // Two-sided binomial probabilities, counted out: 2 (1 + 10 + 45) / 2^10, 2 / 2^6, 2 (1 + 5) / 2^5.
    [2, 8, 112 / 1024],
    [0, 6, 2 / 64],
    [4, 1, 12 / 32],
    [5, 0, 2 / 32],
    [1, 0, 1],
  ])('of %d against %d has the closed value', (first, second, p) => {
    expect(mcnemar(first, second).p).toBeCloseTo(p, 14);
  });

  it('agrees with the score test of a large example, and gives 1 where the models never differ', () => {
    // (86 - 150) / sqrt(86 + 150) = -4.17: two-sided 3.1e-5.
    expect(mcnemar(86, 150).p).toBeGreaterThan(2.5e-5);
    expect(mcnemar(86, 150).p).toBeLessThan(4e-5);
    expect(mcnemar(0, 0)).toEqual({ onlyFirst: 0, onlySecond: 0, p: 1 });
  });

  it('sums exactly what whole numbers count', () => {
    fc.assert(
      fc.property(fc.nat({ max: 25 }), fc.nat({ max: 25 }), (first, second) => {
        const total = first + second;
        let tail = 0n;
        let binomial = 1n;
        for (let k = 0; k <= Math.min(first, second); k++) {
          tail += binomial;
          binomial = (binomial * BigInt(total - k)) / BigInt(k + 1);
        }
        const exact = Math.min(1, Number(2n * tail) / 2 ** total);
        expect(mcnemar(first, second).p).toBeCloseTo(exact, 12);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it('takes either model for the first, and is surer the more uneven the split of as many', () => {
    fc.assert(
      fc.property(counts, counts, (first, second) => {
        const { p } = mcnemar(first, second);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(mcnemar(second, first).p).toBe(p);
        const [fewer, more] = [Math.min(first, second), Math.max(first, second)];
        if (fewer > 0) expect(mcnemar(fewer - 1, more + 1).p).toBeLessThan(p + 1e-12);
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it('stays a number for a split of millions', () => {
    expect(mcnemar(500_000, 500_000).p).toBe(1);
    expect(mcnemar(498_000, 502_000).p).toBeCloseTo(6.4e-5, 5);
    expect(mcnemar(0, 5000).p).toBeLessThan(1e-300);
  });

  it.each([
    [-1, 2],
    [0.5, 1],
    [1, NaN],
  ])('refuses %d and %d', (first, second) => {
    expect(() => mcnemar(first, second)).toThrow('needs whole numbers of instances from 0 on');
  });
});
