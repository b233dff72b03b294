import fc from 'fast-check';

import { aheadOf, compareIntervals, comparePaired, type Kept } from './compare-models';

const kept = (right: readonly number[], seed = 1, testIndices = '0,1,2'): Kept => ({
  ...{ seed, testIndices },
  right: Uint8Array.from(right),
});
const bits = (length: number) => fc.array(fc.integer({ min: 0, max: 1 }), { minLength: length, maxLength: length });

describe('two models on the same instances', () => {
  it('are told apart by the exact test of those that only one of them keeps', () => {
    const first = [1, 1, 1, 1, 1, 1, 1, 0, 0, 0];
    const second = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    expect(comparePaired([kept(first)], [kept(second)])).toMatchObject({
      ...{ test: 'mcnemar', onlyFirst: 6, onlySecond: 0, p: expect.closeTo(2 / 64, 12), apart: true },
      difference: expect.closeTo(0.6),
    });
    expect(comparePaired([kept(first.slice(1))], [kept(second.slice(1))])).toMatchObject({
      p: expect.closeTo(2 / 32, 12),
      apart: false,
    });
  });

  it('are compared by the interval of the difference over seeds, which seeds that agree make no narrower', () => {
    const first = [1, 1, 1, 1, 0, 0, 0, 0];
    const second = [1, 1, 0, 0, 0, 0, 0, 0];
    const paired = comparePaired(
      [kept(first, 1), kept([1, 1, 1, 0, 1, 0, 0, 0], 2)],
      [kept(second, 1), kept([1, 1, 0, 0, 0, 0, 0, 0], 2)],
    )!;
    expect(paired).toMatchObject({ test: 'paired-seeds', difference: expect.closeTo(0.25) });
    // All of it is the draw of the test set: the differences of the seeds are equal. Over the instances they are
    // 0, 0, 1, 1/2, 1/2, 0, 0, 0, with a standard deviation of 0.3780.
    expect(paired.high! - 0.25).toBeCloseTo((1.96 * 0.378) / Math.sqrt(8), 3);
    expect(paired.apart).toBe(false);
    const same = [1, 2, 3];
    expect(
      comparePaired(
        same.map((seed) => kept(first, seed)),
        same.map((seed) => kept(second, seed)),
      ),
    ).toMatchObject({
      ...{ test: 'mcnemar', onlyFirst: 2 },
    });
  });

  it('are as far apart seen from either, and never from themselves', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(bits(12), bits(12)), { minLength: 1, maxLength: 4 }), (seeds) => {
        const first = seeds.map(([right], seed) => kept(right, seed));
        const second = seeds.map(([, right], seed) => kept(right, seed));
        const one = comparePaired(first, second)!;
        const other = comparePaired(second, first)!;
        expect([other.test, other.apart]).toEqual([one.test, one.apart]);
        expect(other.difference).toBeCloseTo(-one.difference, 12);
        if (one.low !== undefined) expect(Math.abs(one.low)).toBeLessThanOrEqual(1);
        expect(comparePaired(first, first)!.apart).toBe(false);
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  it('are not paired where the instances are others, or not known', () => {
    expect(comparePaired([kept([1, 0, 1])], [kept([1, 0, 1], 1, '0,1,3')])).toBeUndefined();
    expect(comparePaired([kept([1, 0, 1])], [])).toBeUndefined();
  });
});

describe('figures that cannot be paired', () => {
  it('are apart where their intervals are', () => {
    const low = { value: 0.2, low: 0.1, high: 0.3 };
    expect(compareIntervals(low, { value: 0.5, low: 0.31, high: 0.7 })).toMatchObject({
      test: 'intervals',
      apart: true,
    });
    expect(compareIntervals(low, { value: 0.5, low: 0.3, high: 0.7 })).toMatchObject({ apart: false });
  });
});

it('knows who is ahead whichever way a difference is written', () => {
  const difference = { ...compareIntervals({ value: 0.9, low: 0.8, high: 1 }, { value: 0.1, low: 0, high: 0.2 }) };
  const known = [{ ...difference, models: ['a', 'b'] as const }];
  expect([aheadOf('a', 'b', known), aheadOf('b', 'a', known), aheadOf('a', 'c', known)]).toEqual([1, -1, 0]);
});
