import { wilson } from '@rampart/core';
import fc from 'fast-check';

import { decide, instancesNeeded } from './decide';

const tally = fc
  .tuple(fc.integer({ min: 1, max: 2000 }), fc.nat({ max: 2000 }), fc.nat({ max: 2000 }))
  .map(([instances, a, b]) => {
    const [robustAtLeast, robustAtMost] = [a % (instances + 1), b % (instances + 1)].sort((x, y) => x - y);
    return { instances, robustAtLeast: robustAtLeast!, robustAtMost: robustAtMost! };
  });
const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });

describe('decide', () => {
  it.each([
    // The 95% Wilson interval of 50 in 100 is 40.4% to 59.6%.
    [50, 50, 0.4, 'pass'],
    [50, 50, 0.41, 'inconclusive'],
    [50, 50, 0.59, 'inconclusive'],
    [50, 50, 0.6, 'fail'],
    [50, 90, 0.4, 'pass'],
    [50, 90, 0.6, undefined],
    [0, 50, 0.6, 'fail'],
    [0, 100, 0.5, undefined],
  ])('with %d to %d of 100 that stay right, asked for %d: %s', (robustAtLeast, robustAtMost, atLeast, verdict) => {
    expect(decide({ instances: 100, robustAtLeast, robustAtMost }, atLeast)).toBe(verdict);
  });

  it('never decides otherwise once more is known', () => {
    fc.assert(
      fc.property(tally, share, fc.nat(), (early, atLeast, at) => {
        const before = decide(early, atLeast);
        const robust = early.robustAtLeast + (at % (early.robustAtMost - early.robustAtLeast + 1));
        const after = decide({ ...early, robustAtLeast: robust, robustAtMost: robust }, atLeast);
        expect(after).toBeDefined();
        if (before !== undefined) expect(after).toBe(before);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe('instancesNeeded', () => {
  it('is where the interval of the same share just leaves out what is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }), (percent, asked) => {
        fc.pre(percent !== asked);
        const needed = instancesNeeded(percent / 100, asked / 100);
        const out = (hundreds: number) => {
          const { low, high } = wilson(percent * hundreds, 100 * hundreds)!;
          return percent > asked ? low >= asked / 100 : high < asked / 100;
        };
        expect(out(Math.ceil(needed / 100) + 1)).toBe(true);
        const fewer = Math.floor((needed - 1) / 100) - 1;
        if (fewer > 0) expect(out(fewer)).toBe(false);
      }),
      { seed: 6, numRuns: 300 },
    );
    expect(instancesNeeded(0.45, 0.45)).toBe(Infinity);
  });
});
