import fc from 'fast-check';

import { predictions } from './classifier';
import { Rng } from './rng';
import { softmax } from './softmax';

const logitRows = fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 5 })).chain(([classes, count]) =>
  fc
    .array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
      minLength: classes * count,
      maxLength: classes * count,
    })
    .map((values) => ({ classes, count, logits: Float32Array.from(values) })),
);
const temperature = fc.double({ min: 0.5, max: 1000, noNaN: true });

describe('softmax', () => {
  it('is a distribution in every row, also of logits that overflow on their own', () => {
    fc.assert(
      fc.property(logitRows, temperature, ({ logits, classes, count }, t) => {
        const soft = softmax(logits, classes, t);
        for (let row = 0; row < count; row++) {
          const probabilities = soft.subarray(row * classes, (row + 1) * classes);
          expect(probabilities.every((value) => value >= 0 && value <= 1)).toBe(true);
          expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        }
      }),
      { seed: 1 },
    );
  });

  it('keeps the order of the classes, and does not see what is added to every logit of a row', () => {
    fc.assert(
      fc.property(logitRows, fc.integer({ min: -64, max: 64 }), ({ logits, classes, count }, shift) => {
        const soft = softmax(logits, classes);
        const predicted = predictions(logits, classes);
        predicted.forEach((label, row) => {
          const probabilities = soft.subarray(row * classes, (row + 1) * classes);
          expect(probabilities[label]).toBe(Math.max(...probabilities));
        });
        const shifted = Float32Array.from(logits, (value) => Math.round(value) + shift);
        expect(softmax(shifted, classes)).toEqual(softmax(logits.map(Math.round), classes));
        expect(predicted).toHaveLength(count);
      }),
      { seed: 1 },
    );
  });

  it('is, to the bit, the powers of a row over their sum from left to right: trained weights hang on it', () => {
    fc.assert(
      fc.property(logitRows, temperature, ({ logits, classes }, t) => {
        const expected = Array.from(logits, (_, i) => {
          const row = Array.from(logits.subarray(i - (i % classes), i - (i % classes) + classes));
          const powers = row.map((value) => Math.exp((value - Math.max(...row)) / t));
          return powers[i % classes]! / powers.reduce((a, b) => a + b, 0);
        });
        expect([...softmax(logits, classes, t)]).toEqual(expected);
      }),
      { seed: 1 },
    );
  });

  it('tends to the same for every class as the temperature grows', () => {
    for (const value of softmax(Float32Array.of(3, -1, 0, 8), 2, 1e6)) expect(value).toBeCloseTo(0.5, 4);
  });

  it('of two classes is the logistic function of their difference', () => {
    const rng = Rng.root('softmax');
    for (let i = 0; i < 20; i++) {
      const logits = Float32Array.of(rng.normal(), rng.normal());
      expect(softmax(logits, 2)[0]).toBeCloseTo(1 / (1 + Math.exp(logits[1]! - logits[0]!)), 14);
    }
  });

  it('passes NaN on', () => {
    expect([...softmax(Float32Array.of(NaN, 1, 0, 0), 2)]).toEqual([NaN, NaN, 0.5, 0.5]);
  });
});
