import { evade, imageBatch, linfDistance, PUBLICATION_BOX, predictions, Rng } from '@rampart/core';
import { describeAttack, tanhNetwork } from '@rampart/testing';

import { attacks } from '../registry';
import { spsa } from './spsa';

describeAttack(spsa);

const shape = { channels: 1, height: 3, width: 3 };
const network = tanhNetwork({ shape, box: PUBLICATION_BOX, classes: 3, hidden: 8, rng: Rng.root('spsa') });
const draw = Rng.root('images');
const images = imageBatch(
  Float32Array.from({ length: 9 * 20 }, () => draw.uniform() - 0.5),
  shape,
  PUBLICATION_BOX,
);

describe('spsa', () => {
  it('evades without a gradient of the model, inside its ball, and counts every query', async () => {
    const labels = predictions(await network.logits(images.data), 3);
    const samples = 8;
    const blind = {
      ...network,
      logits: (data: Float32Array) => network.logits(data),
      lossGradient: () => Promise.reject(new Error('there is none')),
    };
    const { adversarial, evaded, iterations, forwardEvaluations, gradientEvaluations } = await evade({
      attack: attacks.resolve({ name: 'spsa', params: { samples, epsilon: 0.4 } }),
      classifier: blind,
      verifier: network,
      images,
      labels,
      rng: Rng.root(1),
    });
    expect(evaded.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(10);
    expect(gradientEvaluations.every((count) => count === 0)).toBe(true);
    for (let i = 0; i < images.count; i++) {
      expect(linfDistance(adversarial.data, images.data, i * 9, 9)).toBeLessThanOrEqual(0.4 + 1e-6);
      const queries = iterations[i]! * (2 * samples + 1);
      expect(forwardEvaluations[i]! - queries).toBeLessThanOrEqual(1);
      expect(forwardEvaluations[i]!).toBeGreaterThanOrEqual(queries);
    }
  });
});
