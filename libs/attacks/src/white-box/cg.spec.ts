import {
  type DifferentiableClassifier,
  evade,
  imageBatch,
  type ImageBatch,
  predictions,
  PUBLICATION_BOX,
  Rng,
} from '@rampart/core';
import { describeAttack, linearClassifier, tanhNetwork } from '@rampart/testing';

import { cg } from './cg';
import { EvasionObjective } from './evasion-objective';
import { attacks } from '../registry';

describeAttack(cg, { random: true });
describeAttack(cg, { params: { rule: 'largest-gain' } });

const shape = { channels: 1, height: 4, width: 4 };
const FEATURES = 16;

function randomImages(count: number, seed: string): ImageBatch {
  const rng = Rng.root(seed);
  return imageBatch(
    Float32Array.from({ length: FEATURES * count }, () => rng.uniform() - 0.5),
    shape,
    PUBLICATION_BOX,
  );
}

async function attackWith(
  classifier: DifferentiableClassifier,
  images: ImageBatch,
  params: Record<string, number | string>,
) {
  const labels = predictions(await classifier.logits(images.data), classifier.classes);
  const evasion = await evade({
    attack: attacks.resolve({ name: 'cg', params }),
    classifier,
    verifier: classifier,
    images,
    labels,
    rng: Rng.root(1),
  });
  return { labels, ...evasion };
}

/** The attack as it is defined: a gradient for every coordinate, and a forward evaluation for every move. */
async function literalDescent(
  classifier: DifferentiableClassifier,
  original: Float32Array,
  label: number,
  rng: Rng,
  { steps, restarts, lambda, step }: { steps: number; restarts: number; lambda: number; step: number },
) {
  const objective = new EvasionObjective(lambda);
  const evaluate = async (x: Float32Array) => {
    const { losses, gradient } = await classifier.lossGradient(x, Int32Array.of(label), 'margin');
    objective.addCostGradient(gradient, x, original, 0);
    return { margin: losses[0]!, q: losses[0]! + objective.cost(x, original, 0), gradient };
  };
  let iterations = 0;
  for (let start = 0; start <= restarts; start++) {
    let x = original.slice();
    if ((await evaluate(x)).margin < 0) return { x, iterations };
    for (let tried = 0; tried < steps; tried++) {
      iterations++;
      const here = await evaluate(x);
      const coordinate = rng.integer(FEATURES);
      const next = x.slice();
      next[coordinate] = Math.max(-0.5, Math.min(0.5, x[coordinate]! - step * Math.sign(here.gradient[coordinate]!)));
      const there = await evaluate(next);
      if (there.q > here.q) continue;
      x = next;
      if (there.margin < 0) return { x, iterations };
    }
  }
  return { x: undefined, iterations };
}

describe('coordinate greedy', () => {
  const network = tanhNetwork({ shape, box: PUBLICATION_BOX, classes: 2, hidden: 12, rng: Rng.root('cg') });

  it.each([
    { lambda: 0, step: 1 },
    { lambda: 0, step: 0.2 },
    { lambda: 0.4, step: 0.3 },
  ])('takes the path of its definition at a fraction of the cost: %p', async ({ lambda, step }) => {
    const images = randomImages(24, 'path');
    const params = { steps: 60, restarts: 1, lambda, step };
    const result = await attackWith(network, images, params);
    for (let i = 0; i < images.count; i++) {
      const original = images.data.slice(i * FEATURES, (i + 1) * FEATURES);
      const expected = await literalDescent(network, original, result.labels[i]!, Rng.root(1).split(i), params);
      expect(result.iterations[i]).toBe(expected.iterations);
      // At most one gradient a step, and one for the start and the restart; taken literally it is two passes a step.
      expect(result.gradientEvaluations[i]).toBeLessThanOrEqual(expected.iterations + 2);
      if (expected.x) {
        expect([...result.adversarial.data.subarray(i * FEATURES, (i + 1) * FEATURES)]).toEqual([...expected.x]);
      }
      expect(result.evaded[i]).toBe(expected.x ? 1 : 0);
    }
    expect(result.forwardEvaluations.every((count) => count === 0)).toBe(true);
  });

  it('with the largest gain on a linear model changes as few pixels as a brute force needs', async () => {
    const rng = Rng.root('linear');
    const weights = Array.from({ length: FEATURES }, () => rng.normal());
    const linear = linearClassifier({ shape, box: PUBLICATION_BOX, weights: [weights, weights.map(() => 0)] });
    const images = randomImages(12, 'brute');
    const { adversarial, labels, evaded } = await attackWith(linear, images, { rule: 'largest-gain' });
    for (let i = 0; i < images.count; i++) {
      const original = images.data.slice(i * FEATURES, (i + 1) * FEATURES);
      const found = adversarial.data.subarray(i * FEATURES, (i + 1) * FEATURES);
      const changed = original.filter((value, k) => value !== found[k]).length;
      expect(evaded[i]).toBe(1);
      expect(changed).toBe(fewestPixels(weights, original, labels[i]! === 0 ? 1 : -1));
    }
  });

  it('finds an evasion wherever a brute force over the corners of a tiny box finds one', async () => {
    const tiny = { channels: 1, height: 2, width: 2 };
    const model = linearClassifier({
      shape: tiny,
      box: PUBLICATION_BOX,
      weights: [
        [1, -1, 0.5, 2],
        [0, 0, 0, 0],
      ],
      bias: [1.9, 0],
    });
    const rng = Rng.root('tiny');
    const images = imageBatch(
      Float32Array.from({ length: 4 * 30 }, () => rng.uniform() - 0.5),
      tiny,
      PUBLICATION_BOX,
    );
    const { evaded, labels } = await attackWith(model, images, { steps: 200 });
    const corners = Float32Array.from({ length: 64 }, (_, k) => ((k >> 2) & (1 << (k & 3)) ? 0.5 : -0.5));
    const reachable = new Set(predictions(await model.logits(corners), 2));
    labels.forEach((label, i) => expect(evaded[i]).toBe(reachable.has(1 - label) ? 1 : 0));
  });
});

/** Fewest pixels that bring a linear margin below 0 when each may go to either bound. */
function fewestPixels(weights: readonly number[], original: Float32Array, sign: number): number {
  let margin = 0;
  weights.forEach((weight, k) => (margin += sign * weight * original[k]!));
  const gains = weights.map((weight, k) => sign * weight * original[k]! + Math.abs(weight) / 2).sort((a, b) => b - a);
  let pixels = 0;
  for (const gain of gains) {
    if (margin < 0) break;
    margin -= gain;
    pixels++;
  }
  return pixels;
}
