import { evade, imageBatch, pixelBox, predictions, Registry, Rng } from '@rampart/core';
import { describeAttack, linearClassifier } from '@rampart/testing';

import { substitute } from './substitute';

const small = { rounds: 3, reservoir: 20, hidden: 16, epochs: 5 };

describeAttack(substitute, { params: { epsilon: 0.1, ...small }, random: true });
describeAttack(substitute, { params: { norm: 'l2', epsilon: 0.5, attack: 'fgs', ...small }, random: true });

describe('substitute', () => {
  const shape = { channels: 1, height: 4, width: 5 };
  const box = pixelBox(-1, 1);
  const COUNT = 60;

  /** Instances of a linear model, whose nearest boundary is 0.3 away at the most in linf. */
  async function attacked(params: object, targeted = false) {
    const rng = Rng.root('linear');
    const weights = Array.from({ length: 2 }, () => Array.from({ length: 20 }, () => rng.normal()));
    const classifier = linearClassifier({ shape, box, weights });
    const data = Float32Array.from({ length: 20 * COUNT }, () => 1.2 * rng.uniform() - 0.6);
    const labels = predictions(await classifier.logits(data), 2);
    const attack = new Registry('attack', [substitute]).resolve({
      name: 'substitute',
      params: { hidden: 40, reservoir: 100, ...params },
    });
    return evade({
      ...{ attack, classifier, verifier: classifier, rng: Rng.root(1) },
      ...(targeted && { targets: labels.map((label) => 1 - label) }),
      images: imageBatch(data, shape, box),
      labels,
    });
  }

  const rate = (evaded: Uint8Array) => evaded.reduce((sum, one) => sum + one, 0) / COUNT;

  it.each([
    ['linf', 'pgd', 0.4],
    ['linf', 'fgs', 0.4],
    ['l2', 'pgd', 1.6],
  ])('learns a linear model well enough to evade it: %s, %s', async (norm, attack, epsilon) => {
    const { evaded, gradientEvaluations } = await attacked({ norm, attack, epsilon });
    expect(rate(evaded)).toBeGreaterThan(0.9);
    expect(gradientEvaluations.every((count) => count === 0)).toBe(true);
  });

  it('works towards targets', async () => {
    expect(rate((await attacked({ epsilon: 0.4 }, true)).evaded)).toBeGreaterThan(0.9);
  });

  it('asks as much as its rounds allow', async () => {
    const { forwardEvaluations } = await attacked({ epsilon: 1e-6, rounds: 4, reservoir: 30 });
    // Classes, examples of four rounds, and the replay.
    expect(forwardEvaluations.reduce((a, b) => a + b)).toBe(COUNT + 4 * 30 + COUNT);
  });
});
