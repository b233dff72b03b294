import {
  argmax,
  type DifferentiableClassifier,
  evade,
  imageBatch,
  pixelBox,
  predictions,
  Registry,
  Rng,
} from '@rampart/core';
import { describeAttack, linearDistances, tanhNetwork } from '@rampart/testing';

import { boundary } from './boundary';

describeAttack(boundary, { params: { steps: 150 }, random: true });

test.each(['active', 'inactive'] as const)(
  'comes to the nearest part of the boundary of a linear model, with the box %s',
  async (box) => {
    // Of several boundaries it takes the one that it meets first. Noise need not evade at all.
    const params = { steps: 4000, sphericalStep: 0.1, sourceStep: 0.05 };
    const trials = await linearDistances(boundary, params, box);
    const met = trials.filter(({ classes, found }) => classes === 2 && found < Infinity);
    expect(met.length).toBeGreaterThanOrEqual(2);
    for (const { found, exact } of met) {
      expect(found / exact).toBeGreaterThan(0.9999);
      expect(found / exact).toBeLessThan(1.01);
    }
  },
);

const SHAPE = { channels: 1, height: 3, width: 3 };
const BOX = pixelBox(0, 1);
const NETWORK = tanhNetwork({ shape: SHAPE, box: BOX, classes: 3, hidden: 6, rng: Rng.root('boundary') });

async function attacked(classifier: DifferentiableClassifier, steps: number) {
  const rng = Rng.root('points');
  const data = Float32Array.from({ length: 9 * 6 }, () => rng.uniform());
  const labels = predictions(await classifier.logits(data), 3);
  return evade({
    attack: new Registry('attack', [boundary]).resolve({ name: 'boundary', params: { steps } }),
    ...{ classifier, verifier: classifier, rng: Rng.root(1), images: imageBatch(data, SHAPE, BOX), labels },
  });
}

/** Says which class is the likeliest and no more. */
function decisionsOf(classifier: DifferentiableClassifier): DifferentiableClassifier {
  const { classes } = classifier;
  return {
    ...classifier,
    logits: async (images) => {
      const logits = await classifier.logits(images);
      const decisions = new Float32Array(logits.length);
      for (let row = 0; row < logits.length; row += classes) decisions[row + argmax(logits, row, classes)] = 1;
      return decisions;
    },
  };
}

test('decisions are all it knows', async () => {
  const decided = await attacked(decisionsOf(NETWORK), 300);
  const { adversarial, forwardEvaluations } = await attacked(NETWORK, 300);
  expect(decided.adversarial.data).toEqual(adversarial.data);
  expect(decided.forwardEvaluations).toEqual(forwardEvaluations);
});

test('a step costs one evaluation, every tenth one more', async () => {
  const [few, many] = [await attacked(NETWORK, 100), await attacked(NETWORK, 300)];
  many.forwardEvaluations.forEach((count, i) => expect(count - few.forwardEvaluations[i]!).toBe(200 + 20));
});
