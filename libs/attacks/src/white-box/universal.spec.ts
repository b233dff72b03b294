import { evade, imageBatch, type NormName, NORMS, pixelBox, Registry, Rng } from '@rampart/core';
import { describeAttack, linearClassifier } from '@rampart/testing';

import { universal } from './universal';

describeAttack(universal, { params: { epsilon: 0.1 }, random: true });
describeAttack(universal, { params: { norm: 'l2', epsilon: 0.5 }, random: true });

const shape = { channels: 1, height: 4, width: 5 };
const box = pixelBox(0, 1);
const COUNT = 40;

/** Instances of class 0 of a linear model, within a distance of its boundary that a step of the norm can go. */
async function attacked(norm: NormName, epsilon: number, params: object = {}) {
  const rng = Rng.root('universal');
  const weights = [Array.from({ length: 20 }, () => rng.normal()), new Array<number>(20).fill(0)];
  const slope = Float32Array.from(weights[0]!);
  const data = Float32Array.from({ length: COUNT * 20 }, () => 0.4 + 0.2 * rng.uniform());
  // Every margin is less than a perturbation of norm 0.1 takes off.
  for (let i = 0; i < COUNT; i++) {
    const image = data.subarray(20 * i, 20 * i + 20);
    const value = image.reduce((sum, x, k) => sum + x * slope[k]!, 0);
    const wanted = 0.1 * NORMS[norm].dual(slope) * (0.2 + 0.7 * rng.uniform());
    const square = slope.reduce((sum, w) => sum + w * w, 0);
    for (let k = 0; k < 20; k++) image[k] = image[k]! + ((wanted - value) * slope[k]!) / square;
  }
  const classifier = linearClassifier({ shape, box, weights });
  const attack = new Registry('attack', [universal]).resolve({
    name: 'universal',
    params: { norm, epsilon, ...params },
  });
  const { evaded, adversarial } = await evade({
    ...{ attack, classifier, verifier: classifier, rng: Rng.root(1) },
    images: imageBatch(data, shape, box),
    labels: new Int32Array(COUNT),
  });
  const changes = Array.from({ length: COUNT }, (_, i) =>
    adversarial.data.slice(20 * i, 20 * i + 20).map((value, k) => value - data[20 * i + k]!),
  );
  return { rate: evaded.reduce((sum, one) => sum + one, 0) / COUNT, changes };
}

describe.each(['linf', 'l2'] as const)('universal in %s', (norm) => {
  it('fools as many as it is asked to, where a perturbation for all exists', async () => {
    expect((await attacked(norm, 0.3)).rate).toBeGreaterThanOrEqual(0.8);
    expect((await attacked(norm, 0.3, { foolingRate: 1 })).rate).toBe(1);
  });

  it('adds the same to every instance', async () => {
    const { changes } = await attacked(norm, 0.3);
    for (const change of changes) change.forEach((value, k) => expect(value).toBeCloseTo(changes[0]![k]!, 6));
  });

  it('fools none where the ball is too small for any', async () => {
    expect((await attacked(norm, 0.01)).rate).toBe(0);
  });
});
