import { PUBLICATION_BOX } from '@rampart/core';
import fc from 'fast-check';

import { lossOfLogits } from './closed-form-classifier';
import { linearClassifier } from './linear-classifier';

const rows = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 5 });

describe('lossOfLogits', () => {
  it.each(['cross-entropy', 'margin'] as const)('has the derivatives of its value (%s)', (loss) => {
    fc.assert(
      fc.property(rows, fc.nat(), (logits, pick) => {
        const label = pick % logits.length;
        // Where the two largest of the others are equal, the margin has no derivative.
        const others = logits.filter((_, j) => j !== label).sort((a, b) => b - a);
        fc.pre(loss === 'cross-entropy' || others.length < 2 || others[0]! - others[1]! > 1e-3);
        const { slope } = lossOfLogits(logits, label, loss);
        logits.forEach((_, j) => {
          const shifted = (by: number) => lossOfLogits(logits.with(j, logits[j]! + by), label, loss).value;
          expect((shifted(1e-5) - shifted(-1e-5)) / 2e-5).toBeCloseTo(slope[j]!, 5);
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('keeps the direction of the cross-entropy of a model that is all but certain', () => {
    const { value, slope } = lossOfLogits([60, 0, -1], 0, 'cross-entropy');
    expect(value).toBeCloseTo(Math.exp(-60) + Math.exp(-61), 30);
    expect(slope[0]).toBeLessThan(0);
    expect(slope[0]! + slope[1]! + slope[2]!).toBeCloseTo(0, 40);
  });

  it('has the margin z_y - max of the others', () => {
    expect(lossOfLogits([1, 5, 3], 2, 'margin')).toEqual({ value: -2, slope: Float64Array.of(0, -1, 1) });
  });
});

describe('linearClassifier', () => {
  const model = linearClassifier({
    shape: { channels: 1, height: 1, width: 2 },
    box: PUBLICATION_BOX,
    weights: [
      [2, -1],
      [0, 3],
    ],
    bias: [0.25, 0],
  });

  it('has the logits W x + b and the margin gradient w_y - w_j', async () => {
    const images = Float32Array.of(0.5, 0.25, -0.5, 0.5);
    expect(await model.logits(images)).toEqual(Float32Array.of(1, 0.75, -1.25, 1.5));
    const { losses, gradient } = await model.lossGradient(images, Int32Array.of(0, 1), 'margin');
    expect(losses).toEqual(Float32Array.of(0.25, 2.75));
    expect(gradient).toEqual(Float32Array.of(2, -4, -2, 4));
  });

  it('refuses half an image and a missing label', async () => {
    await expect(model.logits(new Float32Array(3))).rejects.toMatchObject({ code: 'bad-data' });
    await expect(model.lossGradient(new Float32Array(4), Int32Array.of(0), 'margin')).rejects.toMatchObject({
      code: 'bad-data',
      message: 'Expected one label for each of 2 images. Received 1.',
    });
  });
});
