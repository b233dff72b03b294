import { evade, imageBatch, pixelBox, Registry, Rng, softmax } from '@rampart/core';
import { describeAttack, tanhNetwork } from '@rampart/testing';

import { foolingImage } from './fooling-image';

describeAttack(foolingImage, { random: true });
describeAttack(foolingImage, { params: { method: 'direct', steps: 10, offspring: 5 }, random: true });
describeAttack(foolingImage, { params: { method: 'cppn', steps: 10, offspring: 5 }, random: true });

const shape = { channels: 1, height: 6, width: 6 };
const box = pixelBox(-1, 1);
const CONFIDENCE = 0.7;

/** Black images, all of class 0, are attacked. */
async function attacked(method: string, targets?: Int32Array) {
  const classifier = tanhNetwork({ shape, box, classes: 4, hidden: 12, rng: Rng.root('fooling') });
  const attack = new Registry('attack', [foolingImage]).resolve({
    name: 'fooling-image',
    params: { method, confidence: CONFIDENCE },
  });
  const { adversarial, iterations } = await evade({
    ...{ attack, classifier, verifier: classifier, rng: Rng.root(1), ...(targets && { targets }) },
    images: imageBatch(new Float32Array(3 * 36).fill(-1), shape, box),
    labels: new Int32Array(3),
  });
  const probabilities = softmax(await classifier.logits(adversarial.data), 4);
  return { probability: (i: number, j: number) => probabilities[4 * i + j]!, iterations, data: adversarial.data };
}

describe.each(['gradient', 'direct', 'cppn'])('fooling-image by %s', (method) => {
  it('makes the model sure of a target', async () => {
    const { probability, iterations } = await attacked(method, Int32Array.of(1, 2, 3));
    for (let i = 0; i < 3; i++) {
      expect(probability(i, i + 1)).toBeGreaterThanOrEqual(CONFIDENCE - 1e-4);
      expect(iterations[i]).toBeLessThanOrEqual(200);
    }
  });

  it('makes the model sure of some class that is not the label', async () => {
    const { probability, data } = await attacked(method);
    for (let i = 0; i < 3; i++) {
      expect(Math.max(...[1, 2, 3].map((j) => probability(i, j)))).toBeGreaterThanOrEqual(CONFIDENCE - 1e-4);
    }
    // Each from noise of its own.
    expect(data.slice(0, 36)).not.toEqual(data.slice(36, 72));
  });
});
