import {
  type AttackDefinition,
  clip,
  concatLabelled,
  defineAttack,
  defineDefense,
  type DefendedModel,
  type DefenseDefinition,
  type DefenseProblem,
  type DifferentiableClassifier,
  evade,
  imageBatch,
  type LabelledImages,
  PUBLICATION_BOX,
  Registry,
  Rng,
  throwIfCancelled,
  lossOfLogits,
} from '@rampart/core';
import { z } from 'zod';

import { checkDefense, type DefenseCheckOptions, describeDefense } from './check-defense';
import { linearClassifier } from './linear-classifier';

const SHAPE = { channels: 1, height: 2, width: 3 };
const SIZE = 6;

interface Weights {
  weights: number[][];
  bias: number[];
}

/** A model file of this spec: the weights of a linear model as JSON. */
const save = (weights: Weights): Uint8Array => new TextEncoder().encode(JSON.stringify(weights));
const load = (file: Uint8Array): Weights => JSON.parse(new TextDecoder().decode(file)) as Weights;
const open = async (file: Uint8Array): Promise<DifferentiableClassifier> =>
  linearClassifier({ shape: SHAPE, box: PUBLICATION_BOX, ...load(file) });

/** Two clouds of points, one a class. */
function clouds(count: number): LabelledImages {
  const rng = Rng.root('clouds');
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const data = Float32Array.from({ length: count * SIZE }, (_, k) =>
    clip((labels[Math.floor(k / SIZE)] === 0 ? -0.2 : 0.2) + 0.1 * rng.normal(), PUBLICATION_BOX),
  );
  return { images: imageBatch(data, SHAPE, PUBLICATION_BOX), labels };
}

/** Logistic regression by stochastic gradient descent, really trained. */
async function train(file: Uint8Array, data: LabelledImages, rng: Rng, epochs: number): Promise<Uint8Array> {
  const { weights, bias } = load(file);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const i of rng.split(epoch).permutation(data.images.count)) {
      const image = data.images.data.subarray(i * SIZE, (i + 1) * SIZE);
      const logits = weights.map((row, j) => row.reduce((sum, w, k) => sum + w * image[k]!, bias[j]!));
      lossOfLogits(logits, data.labels[i]!, 'cross-entropy').slope.forEach((slope, j) => {
        bias[j]! -= 0.5 * slope;
        for (let k = 0; k < SIZE; k++) weights[j]![k]! -= 0.5 * slope * image[k]!;
      });
    }
  }
  return save({ weights, bias });
}

const signStep = defineAttack({
  name: 'sign-step',
  summary: 'One signed step',
  source: 'This spec',
  version: 1,
  params: z.object({}),
  threat: () => ({ norm: 'linf', epsilon: 0.1 }),
  create: () => async (problem) => {
    const all = Array.from({ length: problem.count }, (_, i) => i);
    const { gradient } = await problem.gradient(problem.originals.slice(), all, 'margin');
    return {
      candidates: problem.originals.map((value, k) => clip(value - 0.1 * Math.sign(gradient[k]!), problem.box)),
      iterations: new Int32Array(problem.count).fill(1),
    };
  },
});

/** A sound defense: adversarial retraining in two rounds. */
async function retrain(problem: DefenseProblem): Promise<DefendedModel> {
  const attack = problem.attacks.resolve({ name: 'sign-step', params: {} });
  const parts = [problem.train];
  const curves = [];
  let { model } = problem;
  for (let round = 0; round < 2; round++) {
    throwIfCancelled(problem.signal);
    const rng = problem.rng.split(round);
    const classifier = await open(model);
    const { images, labels } = problem.train;
    const evasion = await evade({ attack, classifier, verifier: classifier, images, labels, rng });
    parts.push({ images: evasion.adversarial, labels });
    model = await train(model, concatLabelled(parts), rng, 3);
    curves.push({ series: 'evading', x: round, y: evasion.evaded.reduce((sum, value) => sum + value, 0) });
    problem.onProgress?.({ done: round + 1, total: 2, unit: 'rounds' });
  }
  throwIfCancelled(problem.signal);
  return { model, curves, facts: { rounds: 2 } };
}

function defense(harden: (problem: DefenseProblem) => Promise<DefendedModel>): DefenseDefinition {
  return defineDefense({
    name: 'on-trial',
    summary: 'A defense on trial',
    source: 'This spec',
    version: 1,
    params: z.object({}),
    harden: (_params, problem) => harden(problem),
  });
}

const data = clouds(40);
const options: DefenseCheckOptions = {
  model: save({
    weights: [
      [-1, -1, 0, 0, 0, 0],
      [1, 1, 0, 0, 0, 0],
    ],
    bias: [0, 0],
  }),
  train: data,
  classes: 2,
  malicious: 0,
  attacks: new Registry<AttackDefinition>('attack', [signStep]),
  engine: 'closed-form',
  open,
};

describeDefense(defense(retrain), options);

describe('checkDefense finds', () => {
  let calls = 0;
  const reweighted =
    (change: (weights: Weights) => Weights) =>
    async (problem: DefenseProblem): Promise<DefendedModel> => {
      const result = await retrain(problem);
      return { ...result, model: save(change(load(result.model))) };
    };
  const faults: readonly [string, DefenseDefinition, readonly string[]][] = [
    [
      'a defense that does nothing',
      defense(async (problem) => ({ ...(await retrain(problem)), model: problem.model })),
      ['does something'],
    ],
    [
      'a model of more classes',
      defense(reweighted(({ weights, bias }) => ({ weights: [...weights, [0, 0, 0, 0, 0, 0]], bias: [...bias, -9] }))),
      ['keeps the shape of the images and the classes'],
    ],
    [
      'a model that has forgotten everything',
      defense(reweighted(({ weights, bias }) => ({ weights: weights.map((row) => row.map(() => 0.01)), bias }))),
      ['still tells the classes apart'],
    ],
    [
      'a model of infinite logits',
      defense(reweighted(({ weights, bias }) => ({ weights, bias: bias.map(() => 1e308) }))),
      ['its model gives one finite logit a class'],
    ],
    [
      'a defense with a generator of its own',
      defense((problem) => retrain({ ...problem, rng: Rng.root(`call ${calls++}`) })),
      ['gives the same bytes for the same seed'],
    ],
    [
      'a defense that writes into the training data',
      defense(async (problem) => {
        const result = await retrain(problem);
        problem.train.labels[0] = 1;
        return result;
      }),
      ['leaves what it is given alone'],
    ],
    [
      'a defense that ignores the signal',
      defense(({ signal: _signal, ...problem }) => retrain(problem)),
      ['stops when the signal fires'],
    ],
    [
      'a defense that says nothing',
      defense(({ onProgress: _onProgress, ...problem }) => retrain(problem)),
      ['reports its progress'],
    ],
    [
      'a defense whose progress goes back',
      defense((problem) =>
        retrain({ ...problem, onProgress: (event) => problem.onProgress?.({ ...event, done: 2 - event.done }) }),
      ),
      ['reports its progress'],
    ],
    [
      'a curve that is not finite',
      defense(async (problem) => ({ ...(await retrain(problem)), curves: [{ series: 'loss', x: 1, y: Infinity }] })),
      ['reports curves and facts that are finite'],
    ],
  ];

  it.each(faults.map(([what, definition, expected]) => ({ what, definition, expected })))(
    '$what',
    async ({ definition, expected }) => {
      const train = { images: { ...data.images, data: data.images.data.slice() }, labels: data.labels.slice() };
      const broken = (await checkDefense(definition, { ...options, train })).filter((law) => !law.ok);
      expect(broken.map((law) => law.name)).toEqual(expect.arrayContaining([...expected]));
      for (const law of broken) expect(law.message).toMatch(/\w{3}/);
      // A model of infinite logits breaks most of what can be said of models; every other fault breaks its own law alone.
      if (expected[0] !== 'its model gives one finite logit a class') expect(broken).toHaveLength(expected.length);
    },
  );

  it('a file that does not open', async () => {
    const broken = await checkDefense(
      defense(async (problem) => ({ ...(await retrain(problem)), model: new Uint8Array([1, 2, 3]) })),
      options,
    );
    expect(broken[0]).toMatchObject({ name: 'returns a model that opens', ok: false });
  });
});
