import fc from 'fast-check';

import { largestMagnitude } from './largest-magnitude';

describe('largestMagnitude', () => {
  it('is what sorting gives, with values alike and of both signs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        (list, pick) => {
          const values = Float32Array.from(list);
          const rank = 1 + (pick % list.length);
          const sorted = list.map(Math.abs).sort((a, b) => b - a);
          expect(largestMagnitude(values, rank)).toBe(sorted[rank - 1]);
          expect([...values]).toEqual(list);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});
