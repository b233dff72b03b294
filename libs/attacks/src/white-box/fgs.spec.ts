import { evade, imageBatch, PUBLICATION_BOX, Rng } from '@rampart/core';
import { describeAttack, linearClassifier } from '@rampart/testing';

import { fgs } from './fgs';
import { attacks } from '../registry';

describeAttack(fgs, { params: { epsilon: 0.1 } });

describe('fgs on a linear model', () => {
  const shape = { channels: 1, height: 2, width: 2 };
  const classifier = linearClassifier({
    shape,
    box: PUBLICATION_BOX,
    weights: [
      [2, -1, 0.5, 0],
      [0, 0, 0, 0],
    ],
  });
  const attackWith = (epsilon: number, pixels: number[]) =>
    evade({
      attack: attacks.resolve({ name: 'fgs', params: { epsilon } }),
      classifier,
      verifier: classifier,
      images: imageBatch(Float32Array.from(pixels), shape, PUBLICATION_BOX),
      labels: Int32Array.of(0),
      rng: Rng.root(1),
    });

  it('moves every pixel by epsilon against the sign of its weight, and leaves one without weight', async () => {
    const { adversarial } = await attackWith(0.1, [0.2, 0.1, -0.1, 0.3]);
    expect([...adversarial.data]).toEqual([0.1, 0.2, -0.2, 0.3].map((value) => expect.closeTo(value, 6)));
  });

  it('evades exactly when epsilon times the 1-norm of the weights exceeds the margin', async () => {
    // Margin 2 * 0.2 - 0.1 - 0.05 = 0.25, and the 1-norm is 3.5: the boundary is at epsilon = 0.0714.
    expect([...(await attackWith(0.07, [0.2, 0.1, -0.1, 0.3])).evaded]).toEqual([0]);
    expect([...(await attackWith(0.073, [0.2, 0.1, -0.1, 0.3])).evaded]).toEqual([1]);
  });

  it('clips to the pixel box and spends one gradient', async () => {
    const { adversarial, gradientEvaluations, forwardEvaluations } = await attackWith(0.5, [-0.4, 0.4, 0, 0]);
    expect([...adversarial.data]).toEqual([-0.5, 0.5, -0.5, 0]);
    expect([...gradientEvaluations]).toEqual([1]);
    expect([...forwardEvaluations]).toEqual([0]);
  });

  it.each([-1, 0, Number.NaN, Infinity])('refuses epsilon = %p', (epsilon) => {
    expect(() => attacks.resolve({ name: 'fgs', params: { epsilon } })).toThrow(/parameter "epsilon".*Received/);
  });
});
