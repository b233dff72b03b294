import { evade, imageBatch, margin, type Parameters, pixelBox, Registry, Rng } from '@rampart/core';
import { describeAttack, linearClassifier } from '@rampart/testing';

import { nes } from './nes';

describeAttack(nes, { params: { epsilon: 0.1, steps: 10, pairs: 10 }, random: true });
describeAttack(nes, { params: { norm: 'l2', epsilon: 0.5, steps: 10, pairs: 10 }, random: true });

const SHAPE = { channels: 1, height: 4, width: 5 };
const SIZE = 20;

/** A linear model and an image of class 0 whose margin is so large that no ball here reaches the boundary. */
async function attacked(params: Parameters, box = pixelBox(0, 1), frozen?: Uint8Array) {
  const rng = Rng.root('nes');
  const weights = Array.from({ length: SIZE }, () => rng.normal());
  const width = box.max - box.min;
  const image = Float32Array.from(
    { length: SIZE },
    (_, k) => box.min + width * (k % 4 === 0 ? 0 : 0.4 + 0.2 * rng.uniform()),
  );
  const zeros = weights.map(() => 0);
  const classifier = linearClassifier({ shape: SHAPE, box, weights: [weights, zeros], bias: [100 * width, 0] });
  const found = await evade({
    attack: new Registry('attack', [nes]).resolve({ name: 'nes', params }),
    ...{ classifier, verifier: classifier, rng: Rng.root(1), images: imageBatch(image, SHAPE, box) },
    labels: Int32Array.of(0),
    ...(frozen && { feasible: { frozen } }),
  });
  const lead = async (point: Float32Array) => margin(await classifier.logits(point), 0, 2, 0);
  const fallen = (await lead(image)) - (await lead(found.adversarial.data));
  return { ...found, weights, image, fallen, point: found.adversarial.data };
}

test.each([pixelBox(0, 1), pixelBox(-10, 10)])('in linf it falls nearly as far as it can, in %j', async (box) => {
  const epsilon = 0.1 * (box.max - box.min);
  const { weights, image, fallen } = await attacked({ epsilon, steps: 50, pairs: 40 }, box);
  // Features at their lower bound can not follow a weight above 0.
  const free = weights.filter((w, k) => image[k] !== box.min || w < 0);
  const most = epsilon * free.reduce((sum, w) => sum + Math.abs(w), 0);
  expect(fallen).toBeGreaterThan(0.98 * most);
  expect(fallen).toBeLessThan(1.0001 * most);
});

test('in l2 it falls nearly as far as a linear model lets it', async () => {
  const { weights, image, fallen } = await attacked({ norm: 'l2', epsilon: 0.2, steps: 60, pairs: 40 });
  const free = weights.filter((w, k) => image[k] !== 0 || w < 0);
  expect(fallen).toBeGreaterThan(0.98 * 0.2 * Math.hypot(...free));
});

test('a step costs two evaluations a pair', async () => {
  const { forwardEvaluations, gradientEvaluations } = await attacked({ epsilon: 0.1, steps: 7, pairs: 6 });
  // The original and the last point besides.
  expect(forwardEvaluations[0]).toBe(7 * 2 * 6 + 2);
  expect(gradientEvaluations[0]).toBe(0);
});

test('frozen features stay as they are', async () => {
  const frozen = Uint8Array.from({ length: SIZE }, (_, k) => k % 2);
  const { image, point, fallen } = await attacked({ epsilon: 0.1, steps: 5, pairs: 10 }, pixelBox(0, 1), frozen);
  expect(fallen).toBeGreaterThan(0);
  expect(Array.from(frozen.keys()).filter((k) => frozen[k] === 1 && point[k] !== image[k])).toEqual([]);
});
