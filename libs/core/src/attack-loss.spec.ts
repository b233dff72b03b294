import fc from 'fast-check';

import { lossOfLogits } from './attack-loss';

const rows = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 5 });

describe('lossOfLogits', () => {
  it.each(['cross-entropy', 'margin', 'difference', 'dlr', 'targeted-dlr'] as const)(
    'has the derivatives of its value (%s)',
    (loss) => {
      fc.assert(
        fc.property(rows, fc.nat(), (logits, pick) => {
          const label = pick % logits.length;
          // Where the two largest of the others are equal, the margin has no derivative.
          const others = logits.filter((_, j) => j !== label).sort((a, b) => b - a);
          // A ratio has none where the order of the largest changes, or where its denominator vanishes.
          const sorted = logits.toSorted((a, b) => b - a);
          const apart = sorted.every((value, j) => j === 0 || sorted[j - 1]! - value > 0.05);
          fc.pre(loss === 'cross-entropy' || (apart && (others.length < 2 || others[0]! - others[1]! > 1e-3)));
          const rival = (label + 1) % logits.length;
          const { slope } = lossOfLogits(logits, label, loss, rival);
          logits.forEach((_, j) => {
            const shifted = (by: number) => lossOfLogits(logits.with(j, logits[j]! + by), label, loss, rival).value;
            const estimated = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
            expect(Math.abs(estimated - slope[j]!)).toBeLessThan(1e-5 * (1 + 100 * Math.abs(slope[j]!)));
          });
        }),
        { seed: 1, numRuns: 200 },
      );
    },
  );

  it('keeps the direction of the cross-entropy of a model that is all but certain', () => {
    const { value, slope } = lossOfLogits([60, 0, -1], 0, 'cross-entropy');
    expect(value).toBeCloseTo(Math.exp(-60) + Math.exp(-61), 30);
    expect(slope[0]).toBeLessThan(0);
    expect(slope[0]! + slope[1]! + slope[2]!).toBeCloseTo(0, 40);
  });

  it('has the margin z_y - max of the others', () => {
    expect(lossOfLogits([1, 5, 3], 2, 'margin')).toEqual({ value: -2, slope: Float64Array.of(0, -1, 1) });
  });

  it('has the ratios of Croce and Hein, and the difference where there are too few classes for them', () => {
    const logits = [4, 3, 1, -1];
    expect(lossOfLogits(logits, 0, 'dlr').value).toBeCloseTo((4 - 3) / (4 - 1), 12);
    expect(lossOfLogits(logits, 0, 'targeted-dlr', 3).value).toBeCloseTo((4 + 1) / (4 - (1 - 1) / 2), 12);
    expect(lossOfLogits([1, 3], 1, 'dlr').value).toBe(2);
    expect(lossOfLogits([1, 3, 0], 1, 'targeted-dlr', 2).value).toBe(3);
    expect(() => lossOfLogits(logits, 0, 'difference')).toThrow(/another class/);
  });
});
