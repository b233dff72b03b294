import fc from 'fast-check';

import { argmax, evasionMargin, logitsOfScores, margin, predictions } from './classifier';

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

describe('the margin of a model that may reject', () => {
  const columns = { classes: 3, columns: 4 };
  const marginOf = (scores: readonly number[], label: number, target?: number) =>
    evasionMargin(scores, 0, columns, { label, target });

  it('is below 0 where a wrong class, or the target, is ahead of the label and of the rejection', () => {
    // Right and accepted; right and rejected; wrong and rejected; wrong and accepted.
    expect(marginOf([5, 2, 1, 0], 0)).toBe(3);
    expect(marginOf([5, 2, 1, 6], 0)).toBe(4);
    expect(marginOf([1, 2, 0, 6], 0)).toBe(4);
    expect(marginOf([1, 2, 0, -6], 0)).toBe(-1);
    // The target behind another class; behind the rejection; ahead of both.
    expect(marginOf([1, 2, 0, -6], 0, 2)).toBe(2);
    expect(marginOf([1, 2, 3, 7], 0, 2)).toBe(4);
    expect(marginOf([1, 2, 3, 1], 0, 2)).toBe(-1);
  });

  it('is that of the classes where there is no column of a rejection', () => {
    const bare = { classes: 3, columns: 3 };
    expect(evasionMargin([5, 2, 1], 0, bare, { label: 0, target: undefined })).toBe(margin([5, 2, 1], 0, 3, 0));
    expect(evasionMargin([5, 2, 1], 0, bare, { label: 0, target: 1 })).toBe(3);
  });

  it('has logits that are all the same where the rejection wins', () => {
    const scores = Float32Array.of(5, 2, 1, 0, 1, 2, 0, 6, 1, 2, 0, 2);
    expect([...logitsOfScores(scores, 3)]).toEqual([5, 2, 1, 6, 6, 6, 1, 2, 0]);
  });
});
