import {
  evade,
  imageBatch,
  type ImageShape,
  margin,
  NORMS,
  type Parameters,
  pixelBox,
  Registry,
  Rng,
} from '@rampart/core';
import { describeAttack, linearClassifier } from '@rampart/testing';

import { square } from './square';

describeAttack(square, { params: { epsilon: 0.1, queries: 200 }, random: true });
describeAttack(square, { params: { norm: 'l2', epsilon: 0.5, queries: 200 }, random: true });
describeAttack(square, { params: { norm: 'l1', epsilon: 1.5, queries: 200 }, random: true });

/** A linear model of two classes and an image of class 0, so far from the boundary that no ball here reaches it. */
async function attacked(params: Parameters, shape: ImageShape, frozen?: Uint8Array) {
  const size = shape.channels * shape.height * shape.width;
  const rng = Rng.root('square');
  const weights = [Array.from({ length: size }, () => rng.normal()), Array.from({ length: size }, () => 0)];
  const image = Float32Array.from({ length: size }, (_, k) => (k % 4 === 0 ? 0 : rng.uniform()));
  const box = pixelBox(0, 1);
  const classifier = linearClassifier({ shape, box, weights, bias: [1000, 0] });
  const found = await evade({
    attack: new Registry('attack', [square]).resolve({ name: 'square', params }),
    ...{ classifier, verifier: classifier, rng: Rng.root(1), images: imageBatch(image, shape, box) },
    labels: Int32Array.of(0),
    ...(frozen && { feasible: { frozen } }),
  });
  const lead = async (point: Float32Array) => margin(await classifier.logits(point), 0, 2, 0);
  const fallen = (await lead(image)) - (await lead(found.adversarial.data));
  return { ...found, weights: weights[0]!, image, fallen, point: found.adversarial.data };
}

const IMAGE = { channels: 2, height: 5, width: 5 };

test.each([
  ['linf', 0.2],
  ['l2', 0.5],
  ['l1', 1.5],
])('it asks as often as it is told to where nothing evades, in %s', async (norm, epsilon) => {
  for (const queries of [1, 2, 77]) {
    const { forwardEvaluations, gradientEvaluations } = await attacked({ norm, epsilon, queries }, IMAGE);
    // One more for the original itself.
    expect(forwardEvaluations[0]).toBe(queries + 1);
    expect(gradientEvaluations[0]).toBe(0);
  }
});

test.each([
  IMAGE,
  { channels: 1, height: 1, width: 40 },
  { channels: 1, height: 40, width: 1 },
  { channels: 40, height: 1, width: 1 },
])('in linf every feature ends where a linear function is lowest: %j', async (shape) => {
  const { weights, image, point } = await attacked({ epsilon: 0.2, queries: 2000 }, shape);
  const best = image.map((value, k) => (weights[k]! > 0 ? Math.max(0, value - 0.2) : Math.min(1, value + 0.2)));
  expect(NORMS.linf.distance(point, best)).toBeLessThan(1e-6);
});

/** How far a linear function can fall inside ball and box. */
function mostOf(norm: 'l2' | 'l1', epsilon: number, weights: readonly number[], image: Float32Array): number {
  const bounds = { lower: new Float32Array(image.length), upper: new Float32Array(image.length).fill(1) };
  const point = image.slice();
  // Projected descent with steps this long ends at the minimum.
  for (let step = 0; step < 2000; step++) {
    for (let k = 0; k < point.length; k++) point[k] = point[k]! - 0.1 * weights[k]!;
    NORMS[norm].project(point, image, epsilon, bounds);
  }
  return image.reduce((sum, value, k) => sum + weights[k]! * (value - point[k]!), 0);
}

test.each([
  ['l2', 0.5, 0.75],
  ['l1', 1.5, 0.7],
] as const)(
  'in %s a linear function falls nearly as far as it can, with the whole budget',
  async (norm, epsilon, part) => {
    const params = { norm, epsilon, queries: 4000 };
    const { weights, image, point, fallen, corrected } = await attacked(params, { channels: 1, height: 7, width: 7 });
    expect(fallen).toBeGreaterThan(part * mostOf(norm, epsilon, weights, image));
    expect(NORMS[norm].distance(point, image)).toBeGreaterThan(0.98 * epsilon);
    expect(NORMS[norm].distance(point, image)).toBeLessThan(epsilon + 1e-6);
    expect(corrected).toBe(0);
  },
);

test.each([
  ['linf', 0.2],
  ['l2', 0.5],
  ['l1', 1.5],
])('frozen features stay as they are, in %s', async (norm, epsilon) => {
  const frozen = Uint8Array.from({ length: 50 }, (_, k) => Number(k % 3 === 0));
  const { image, point, corrected, fallen } = await attacked({ norm, epsilon, queries: 300 }, IMAGE, frozen);
  expect(Array.from(frozen.keys()).filter((k) => frozen[k] === 1 && point[k] !== image[k])).toEqual([]);
  expect(corrected).toBe(0);
  expect(fallen).toBeGreaterThan(0);
  const none = await attacked({ norm, epsilon, queries: 30 }, IMAGE, new Uint8Array(50).fill(1));
  expect(none.point).toEqual(none.image);
});

test.each([
  ['l2', 0.5],
  ['l1', 1.5],
])('samples that are no images are searched by segments, in %s', async (norm, epsilon) => {
  const [row, column, channels, image] = await Promise.all(
    [
      { channels: 1, height: 1, width: 40 },
      { channels: 1, height: 40, width: 1 },
      { channels: 40, height: 1, width: 1 },
      { channels: 1, height: 5, width: 8 },
    ].map((shape) => attacked({ norm, epsilon, queries: 400 }, shape)),
  );
  // The same search, however the 40 values are laid out.
  expect(column!.point).toEqual(row!.point);
  expect(channels!.point).toEqual(row!.point);
  expect(row!.fallen).toBeGreaterThan(0.5 * image!.fallen);
});
