import { evade, imageBatch, l2Distance, PUBLICATION_BOX, Rng } from '@rampart/core';
import { describeAttack, linearClassifier, tanhNetwork } from '@rampart/testing';

import { adam } from './adam';
import { attacks } from '../registry';

describeAttack(adam);

const shape = { channels: 1, height: 3, width: 3 };
const network = tanhNetwork({ shape, box: PUBLICATION_BOX, classes: 3, hidden: 8, rng: Rng.root('adam') });
const images = imageBatch(
  Float32Array.from(
    { length: 9 * 20 },
    (
      (rng) => () =>
        rng.uniform() - 0.5
    )(Rng.root('images')),
  ),
  shape,
  PUBLICATION_BOX,
);

async function attackWith(params: Record<string, number>, classifier = network) {
  const logits = await classifier.logits(images.data);
  const labels = Int32Array.from({ length: images.count }, (_, i) => {
    const row = [...logits.subarray(i * classifier.classes, (i + 1) * classifier.classes)];
    return row.indexOf(Math.max(...row));
  });
  return evade({
    attack: attacks.resolve({ name: 'adam', params }),
    classifier,
    verifier: classifier,
    images,
    labels,
    rng: Rng.root(1),
  });
}

describe('adam', () => {
  it('moves every pixel by the learning rate in its first step, as its bias correction promises', async () => {
    const linear = linearClassifier({
      shape,
      box: PUBLICATION_BOX,
      weights: [
        [1, -2, 3, -4, 5, -6, 7, -8, 9],
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
      ],
    });
    const start = imageBatch(
      new Float32Array([0.3, -0.3, 0.3, -0.3, 0.3, -0.3, 0.3, -0.3, 0.3]),
      shape,
      PUBLICATION_BOX,
    );
    const { adversarial } = await evade({
      attack: attacks.resolve({ name: 'adam', params: { learningRate: 0.05, iterations: 1 } }),
      classifier: linear,
      verifier: linear,
      images: start,
      labels: Int32Array.of(0),
      rng: Rng.root(1),
    });
    adversarial.data.forEach((value, k) => expect(value).toBeCloseTo(start.data[k]! * (0.25 / 0.3), 5));
  });

  it('stops each instance at its first evading point: n steps cost n + 1 gradients', async () => {
    const { evaded, iterations, gradientEvaluations } = await attackWith({ learningRate: 0.05, iterations: 500 });
    expect(evaded.every((value) => value === 1)).toBe(true);
    iterations.forEach((steps, i) => expect(gradientEvaluations[i]).toBe(steps + 1));
  });

  it('gives an instance up after the iteration limit', async () => {
    const { iterations, gradientEvaluations, evaded } = await attackWith({ learningRate: 1e-6, iterations: 3 });
    expect([...iterations]).toEqual(new Array(20).fill(3));
    expect([...gradientEvaluations]).toEqual(new Array(20).fill(3));
    expect(evaded.some((value) => value === 1)).toBe(false);
  });

  it('trades distortion for the margin: a larger lambda never ends farther away on the whole', async () => {
    const mean = async (lambda: number) => {
      const { adversarial } = await attackWith({ learningRate: 0.02, iterations: 100, lambda });
      let sum = 0;
      for (let i = 0; i < images.count; i++) sum += l2Distance(adversarial.data, images.data, i * 9, 9);
      return sum / images.count;
    };
    const [free, cheap, dear] = [await mean(0), await mean(0.3), await mean(3)];
    expect(cheap).toBeLessThan(free + 1e-6);
    expect(dear).toBeLessThan(cheap);
  });
});
