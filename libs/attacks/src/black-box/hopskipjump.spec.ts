import {
  argmax,
  type DifferentiableClassifier,
  evade,
  imageBatch,
  NORMS,
  type Parameters,
  pixelBox,
  predictions,
  Registry,
  Rng,
} from '@rampart/core';
import { describeAttack, linearDistances, tanhNetwork } from '@rampart/testing';

import { hopskipjump } from './hopskipjump';

const few = { iterations: 5, initialSamples: 20 };

describeAttack(hopskipjump, { params: few, random: true });
describeAttack(hopskipjump, { params: { ...few, norm: 'linf' }, random: true });

describe.each([
  ['l2', 1.01],
  ['linf', 1.02],
])('hopskipjump on linear models in %s', (norm, most) => {
  it.each(['active', 'inactive'] as const)('comes to the nearest part of a boundary, with the box %s', async (box) => {
    const trials = await linearDistances(hopskipjump, { norm, iterations: 20 }, box);
    // Of several boundaries it takes the one that it meets first. Noise need not evade at all.
    const met = trials.filter(({ classes, found }) => classes === 2 && found < Infinity);
    expect(met.length).toBeGreaterThanOrEqual(2);
    for (const { found, exact } of met) {
      expect(found / exact).toBeGreaterThan(0.9999);
      expect(found / exact).toBeLessThan(most);
    }
  });
});

const SHAPE = { channels: 1, height: 1, width: 2 };
const BOX = pixelBox(-1, 1);
const NETWORK = tanhNetwork({ shape: SHAPE, box: BOX, classes: 2, hidden: 6, rng: Rng.root('hop') });

async function attacked(classifier: DifferentiableClassifier, params: Parameters, count = 8) {
  const rng = Rng.root('points');
  const data = Float32Array.from({ length: 2 * count }, () => 2 * rng.uniform() - 1);
  const labels = predictions(await classifier.logits(data), 2);
  const found = await evade({
    attack: new Registry('attack', [hopskipjump]).resolve({ name: 'hopskipjump', params }),
    ...{ classifier, verifier: classifier, rng: Rng.root(1), images: imageBatch(data, SHAPE, BOX), labels },
  });
  return { ...found, data, labels };
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

test.each(['l2', 'linf'])('in %s decisions are all it knows', async (norm) => {
  const params = { ...few, norm };
  const decided = await attacked(decisionsOf(NETWORK), params);
  const { adversarial, forwardEvaluations } = await attacked(NETWORK, params);
  expect(decided.adversarial.data).toEqual(adversarial.data);
  expect(decided.forwardEvaluations).toEqual(forwardEvaluations);
});

test.each(['l2', 'linf'] as const)('finds the nearest example of a plane within a grid, in %s', async (norm) => {
  const { adversarial, data, labels } = await attacked(NETWORK, {
    norm,
    iterations: 10,
    initialSamples: 40,
    gamma: 0.01,
    restarts: 5,
  });
  const side = 201;
  const grid = Float32Array.from({ length: 2 * side * side }, (_, k) => {
    const place = (k >> 1) % side;
    return ((k % 2 === 0 ? place : ((k >> 1) - place) / side) / (side - 1)) * 2 - 1;
  });
  const classes = predictions(await NETWORK.logits(grid), 2);
  const reached = Array.from(labels, (label, i) => {
    const origin = data.subarray(2 * i, 2 * i + 2);
    let nearest = Infinity;
    classes.forEach((other, cell) => {
      if (other !== label)
        nearest = Math.min(nearest, NORMS[norm].distance(grid.subarray(2 * cell, 2 * cell + 2), origin));
    });
    return NORMS[norm].distance(adversarial.data, data, 2 * i, 2) <= nearest + 0.015;
  });
  // A walk along the boundary can end in a part of it that is the nearest of its neighbourhood alone.
  expect(reached.filter(Boolean).length).toBeGreaterThanOrEqual(7);
});

test('directions are estimated from as many points as it is told', async () => {
  const asked = async (initialSamples: number) => {
    const { forwardEvaluations } = await attacked(NETWORK, { iterations: 1, initialSamples }, 1);
    return forwardEvaluations[0]!;
  };
  // The same start, the same search for the boundary; a step may take a few halvings more or less.
  expect(Math.abs((await asked(1100)) - (await asked(100)) - 1000)).toBeLessThan(20);
});
