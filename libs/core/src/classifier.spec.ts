import fc from 'fast-check';

import { argmax, margin, predictions } from './classifier';

const row = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 6 });

describe('argmax', () => {
  it('is the first of the largest', () => {
    expect(argmax([0, 3, 3, 1], 0, 4)).toBe(1);
    expect(argmax([9, 9, 1, 2], 2, 2)).toBe(1);
  });
});

it('predictions takes the argmax of each row', () => {
  expect(predictions(Float32Array.of(1, 2, 5, 4, 0, 0), 2)).toEqual(Int32Array.of(1, 0, 0));
});

describe('margin', () => {
  it('is negative exactly where another class is ahead', () => {
    fc.assert(
      fc.property(row, fc.nat(), (logits, pick) => {
        const label = pick % logits.length;
        const value = margin(logits, 0, logits.length, label);
        const ahead = logits.some((logit, j) => j !== label && logit > logits[label]!);
        expect(value < 0).toBe(ahead);
      }),
      { seed: 1 },
    );
  });

  it('is z_y - max of the others', () => {
    expect(margin([9, 9, 1, 5, 3], 2, 3, 0)).toBe(-4);
  });
});
