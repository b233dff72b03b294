import fc from 'fast-check';

import { axisTransforms, BY_FOUR, BY_TWO, transformFilters } from './transforms';

const times = (matrix: readonly (readonly number[])[], vector: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i]!, 0));

describe.each([BY_TWO, BY_FOUR])('minimal filtering, $tile results at a time', (filtering) => {
  it('gives the results of a filter that moves over a padded axis', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 3, max: 15 })
          .chain((from) =>
            fc.tuple(
              fc.array(fc.integer({ min: -8, max: 8 }), { minLength: from, maxLength: from }),
              fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 3, maxLength: 3 }),
            ),
          ),
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 0, max: 2 }),
        ([x, taps], before, after) => {
          const to = x.length + before + after - 2;
          const { input, output } = axisTransforms(filtering, { from: x.length, to, before });
          const tiles = input.length / filtering.filter.length;
          const weights = times(filtering.filter, taps).flatMap((weight) => new Array<number>(tiles).fill(weight));
          const results = times(
            output,
            times(input, x).map((value, i) => value * weights[i]!),
          );
          const padded = [...new Array<number>(before).fill(0), ...x, ...new Array<number>(after).fill(0)];
          expect(results).toHaveLength(to);
          results.forEach((result, i) =>
            expect(result).toBeCloseTo(
              taps[0]! * padded[i]! + taps[1]! * padded[i + 1]! + taps[2]! * padded[i + 2]!,
              8,
            ),
          );
        },
      ),
    );
  });

  it('transforms filters along both axes', () => {
    const [a, b] = [
      [1, 2, 4],
      [3, -1, 2],
    ];
    // The filter of rank one a bᵀ, for the second of two channels.
    const filters = [...new Array<number>(9).fill(0), ...a!.flatMap((left) => b!.map((right) => left * right))];
    const made = transformFilters(filtering, filters, [1, 2]);
    const [down, across] = [times(filtering.filter, a!), times(filtering.filter, b!)];
    const expected = down.flatMap((left) => across.flatMap((right) => [0, left * right]));
    expect(made).toHaveLength(expected.length);
    made.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });
});
