import { PUBLICATION_BOX } from '@rampart/core';

import { linearClassifier } from './linear-classifier';

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

  it('has the logits as its inner layer, and W^T of twice what they are from a guide', async () => {
    // As an attack takes them: off the classifier.
    const { inner, innerGradient } = model;
    const images = Float32Array.of(0.5, 0.25);
    expect(await inner!(images)).toEqual(Float32Array.of(1, 0.75));
    const { logits, losses, gradient } = await innerGradient!(images, Float32Array.of(0, 1), 'logits');
    expect(logits).toEqual(Float32Array.of(1, 0.75));
    expect(losses).toEqual(Float32Array.of(1 + 0.0625));
    expect(gradient).toEqual(Float32Array.of(4, -2 - 1.5));
    await expect(inner!(images, 'logit')).rejects.toMatchObject({
      code: 'usage',
      message: 'Unknown inner layer "logit". Did you mean "logits"? Known: logits.',
    });
    await expect(innerGradient!(images, Float32Array.of(0))).rejects.toMatchObject({ code: 'bad-data' });
  });
});
