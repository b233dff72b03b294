import { evade, imageBatch, type ImageShape, pixelBox, Registry, Rng } from '@rampart/core';
import { describeAttack, linearClassifier } from '@rampart/testing';

import { replacedPart, sparseRs } from './sparse-rs';

describeAttack(sparseRs, { params: { epsilon: 3, queries: 300 }, random: true });

const SHAPE: ImageShape = { channels: 2, height: 4, width: 5 };
const SIZE = 40;
const BOX = pixelBox(0, 1);

/** A linear model, an image, and by how much each feature can lower the margin. */
function draw() {
  const rng = Rng.root('sparse');
  const weights = Array.from({ length: SIZE }, () => rng.normal());
  const image = Float32Array.from({ length: SIZE }, (_, k) => (k % 3 === 0 ? 0 : k % 3 === 1 ? 1 : rng.uniform()));
  const gains = weights.map((w, k) => (w > 0 ? w * image[k]! : -w * (1 - image[k]!)));
  return { weights, image, gains: gains.sort((a, b) => b - a) };
}

/** Attacks it where the margin of the image is `lead`. */
async function attacked(epsilon: number, lead: number, queries: number, frozen?: Uint8Array) {
  const { weights, image } = draw();
  const score = image.reduce((sum, value, k) => sum + weights[k]! * value, 0);
  const zeros = weights.map(() => 0);
  const classifier = linearClassifier({ shape: SHAPE, box: BOX, weights: [weights, zeros], bias: [lead - score, 0] });
  const found = await evade({
    attack: new Registry('attack', [sparseRs]).resolve({ name: 'sparse-rs', params: { epsilon, queries } }),
    ...{ classifier, verifier: classifier, rng: Rng.root(1), images: imageBatch(image, SHAPE, BOX) },
    labels: Int32Array.of(0),
    ...(frozen && { feasible: { frozen } }),
  });
  const changed = Array.from(image.keys()).filter((k) => found.adversarial.data[k] !== image[k]);
  return { ...found, changed, image };
}

test.each([1, 3, 6])(
  'finds the %d best features of a linear model, and no example where they are too few',
  async (k) => {
    const most = draw()
      .gains.slice(0, k)
      .reduce((a, b) => a + b);
    const near = await attacked(k, 0.999 * most, 5000);
    expect(near.evaded[0]).toBe(1);
    expect(near.changed).toHaveLength(k);
    expect((await attacked(k, 1.001 * most, 500)).evaded[0]).toBe(0);
  },
);

test('asks as often as it is told to where nothing evades', async () => {
  for (const epsilon of [1, 5, SIZE - 1, SIZE, 1000]) {
    const { forwardEvaluations, changed } = await attacked(epsilon, 1000, 50);
    expect(forwardEvaluations[0]).toBe(51);
    expect(changed.length).toBeLessThanOrEqual(epsilon);
  }
});

test('a budget of less than a feature, or frozen features, leave nothing to ask about', async () => {
  expect((await attacked(0.5, 1, 50)).forwardEvaluations[0]).toBe(1);
  expect((await attacked(3, 1, 50, new Uint8Array(SIZE).fill(1))).forwardEvaluations[0]).toBe(1);
  const { changed } = await attacked(
    30,
    1000,
    200,
    Uint8Array.from({ length: SIZE }, (_, k) => k % 2),
  );
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.filter((k) => k % 2 === 1)).toEqual([]);
});

test('the part that is replaced falls as the paper says', () => {
  for (const queries of [10_000, 1000]) {
    const scale = queries / 10_000;
    const divisors = [0, 10, 100, 300, 700, 1500, 3000, 5000, 7000, 9000].map(
      (query) => 0.3 / replacedPart(query * scale, queries, 0.3),
    );
    expect(divisors.map(Math.round)).toEqual([1, 2, 4, 5, 6, 8, 10, 12, 15, 20]);
  }
});
