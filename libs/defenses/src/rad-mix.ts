import {
  type Attack,
  componentParameter,
  concatLabelled,
  type CurvePoint,
  defineDefense,
  type DefenseProblem,
  type LabelledImages,
  margin,
  predictions,
  RampartError,
  type Rng,
  takeLabelled,
} from '@rampart/core';
import { openVerifier } from '@rampart/models';
import { trainClassifier } from '@rampart/training';
import { z } from 'zod';

import { attackedInstances, attackModel } from './adversarial-examples';
import { type Choice, frontOf, withinTarget } from './front-of-errors';
import { retraining } from './retraining';

const parameters = z.object({
  attacks: z
    .array(componentParameter('attack'))
    .min(1)
    .meta({ component: 'attack' })
    .describe('The attacks of the mix, such as [fgs(epsilon=0.1), pgd(norm=l2, epsilon=1)].'),
  weights: z
    .array(z.number().positive())
    .default([])
    .describe('How often each is drawn for an instance, beside the others; equally where nothing is said.'),
  cleanError: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe(
      'The target: the lowest worst-case error at a clean error of at most this, on images that are held back.',
    ),
  quantities: z
    .array(z.number().positive().max(1))
    .min(1)
    .default([0.25, 1])
    .describe('Parts of the attacked instances whose examples join the data in a round; all are tried.'),
  order: z
    .enum(['hard', 'random'])
    .default('hard')
    .describe('Which examples join: those that evade most clearly, or any.'),
  heldBack: z
    .number()
    .min(0.05)
    .max(0.5)
    .default(0.2)
    .describe('Part of the training data that the choice is made on.'),
  rounds: z.int().positive().default(3).describe('Rounds of attack and retraining, with each quantity.'),
  epochs: retraining.epochs.default(5).describe('Passes over the training data in a round.'),
  batchSize: retraining.batchSize,
  learningRate: retraining.learningRate.default(0.002),
  weightDecay: retraining.weightDecay,
});

/**
 * Retraining with adversarial data (RAD) beyond the publication: on a mix of attacks, the hardest examples first, as many
 * of them and for as many rounds as give the lowest worst-case error at a clean error that the user accepts.
 */
export const radMix = defineDefense({
  name: 'rad-mix',
  summary: 'Retrains with a mix of attacks, and chooses examples and rounds for the lowest worst-case error.',
  source:
    'Chen, Li, Vorobeychik, sections 3 and 5; Tramer, Boneh 2019, "Adversarial training and robustness for multiple perturbations"',
  version: 1,
  feasible: true,
  params: parameters,
  async harden(params, problem) {
    const { weights, cleanError, quantities, heldBack, rounds } = params;
    const { engine, classes, signal, crew, device, checkpoint } = problem;
    const attacks = params.attacks.map((spec) => problem.attacks.resolve(spec));
    if (weights.length !== 0 && weights.length !== attacks.length) {
      throw new RampartError({
        code: 'usage',
        message: `Expected a weight for each of ${attacks.length} attacks. Received ${weights.length}. Leave "weights" out to draw all alike.`,
      });
    }
    const { held, rest } = parted(problem, heldBack);
    const total = quantities.length * rounds;
    const curves: CurvePoint[] = [];
    const choices: Choice[] = [];
    for (const [turn, quantity] of quantities.entries()) {
      const rng = problem.rng.split(`quantity ${quantity}`);
      let { model } = problem;
      const parts: LabelledImages[] = [rest];
      for (let round = 0; round < rounds; round++) {
        const tell = (done: number, detail: string) =>
          problem.onProgress?.({
            ...{ done: turn * rounds + round + done, total, unit: 'rounds' },
            detail: `round ${round + 1} of ${rounds}, ${quantity} of the examples: ${detail}`,
          });
        tell(0, 'attacking');
        const own = rng.split(`round ${round}`);
        parts.push(await examplesOf(model, attacks, { ...params, quantity }, { ...problem, train: rest, rng: own }));
        const trained = await trainClassifier({
          ...params,
          ...{ engine, model, classes, signal, crew, device, checkpoint },
          data: parts,
          rng: own.split('train'),
          onProgress: ({ done, total: all, detail }) => tell(0.3 + (0.5 * done) / all, `training, ${detail ?? ''}`),
        });
        model = trained.model;
        tell(0.8, 'judging');
        const errors = await errorsOf(model, attacks, { ...problem, train: held, rng: own.split('judge') });
        choices.push({ ...errors, model, quantity, round: round + 1 });
        curves.push({ series: `worst-case error with ${quantity} of the examples`, x: round + 1, y: errors.worst });
      }
    }
    for (const { clean, worst } of frontOf(choices)) {
      curves.push({ series: 'front: worst-case error against clean error', x: clean, y: worst });
    }
    const { chosen, met } = withinTarget(choices, cleanError);
    return {
      model: chosen.model,
      curves,
      facts: {
        'part of the examples': chosen.quantity,
        rounds: chosen.round,
        'clean error on images held back': chosen.clean,
        'worst-case error on images held back': chosen.worst,
        target: met
          ? `clean error at most ${cleanError}`
          : `clean error at most ${cleanError}: missed, the lowest taken`,
      },
    };
  },
});

/** The data that models are chosen on, and the data that they are trained on. */
function parted({ train, rng }: DefenseProblem, heldBack: number): Record<'held' | 'rest', LabelledImages> {
  const order = rng.split('held back').permutation(train.images.count);
  const count = Math.max(1, Math.round(heldBack * order.length));
  return {
    held: takeLabelled(train, order.subarray(0, count).toSorted()),
    rest: takeLabelled(train, order.subarray(count).toSorted()),
  };
}

/** Examples of attacked instances, each by an attack of the mix that is drawn for it: so many of them as are to join. */
async function examplesOf(
  model: Uint8Array,
  attacks: readonly Attack[],
  {
    weights,
    quantity,
    order,
  }: { readonly weights: readonly number[]; readonly quantity: number; readonly order: string },
  { train, malicious, rng, signal, crew, device, checkpoint, ...problem }: DefenseProblem,
): Promise<LabelledImages> {
  const targets = attackedInstances(train, malicious);
  const drawn = drawnAttacks(targets.labels.length, attacks.length, weights, rng.split('mix'));
  const parts: LabelledImages[] = [];
  for (const [index, attack] of attacks.entries()) {
    const own = takeLabelled(
      targets,
      [...drawn.keys()].filter((at) => drawn[at] === index),
    );
    if (own.labels.length === 0) continue;
    const { adversarial } = await attackModel(model, attack, own, rng.split(`attack ${index}`), {
      ...{ attacks: problem.attacks, feasible: problem.feasible, signal, crew, device, checkpoint },
    });
    parts.push({ images: adversarial, labels: own.labels });
  }
  const all = concatLabelled(parts);
  const count = Math.max(1, Math.round(quantity * all.labels.length));
  const ranks = order === 'hard' ? await hardestFirst(model, all) : rng.split('choice').permutation(all.labels.length);
  return takeLabelled(all, ranks.slice(0, count));
}

function drawnAttacks(instances: number, attacks: number, weights: readonly number[], rng: Rng): Int32Array {
  const each = weights.length === 0 ? Array.from({ length: attacks }, () => 1) : weights;
  const sum = each.reduce((total, weight) => total + weight, 0);
  return Int32Array.from({ length: instances }, () => {
    let left = rng.uniform() * sum;
    const found = each.findIndex((weight) => (left -= weight) < 0);
    return found < 0 ? attacks - 1 : found;
  });
}

/** Places of examples, the one first that the model is most wrong about. */
async function hardestFirst(model: Uint8Array, { images, labels }: LabelledImages): Promise<number[]> {
  const verifier = await openVerifier(model, { box: images.box });
  try {
    const { classes } = verifier;
    const logits = await verifier.logits(images.data);
    const margins = Array.from(labels, (label, i) => margin(logits, i * classes, classes, label));
    return [...margins.keys()].sort((a, b) => margins[a]! - margins[b]! || a - b);
  } finally {
    await verifier.dispose();
  }
}

/** Errors on images held back: without an attack, and where any attack of the mix evades. */
async function errorsOf(
  model: Uint8Array,
  attacks: readonly Attack[],
  { train: { images, labels }, malicious, rng, signal, crew, device, checkpoint, ...problem }: DefenseProblem,
): Promise<Record<'clean' | 'worst', number>> {
  const verifier = await openVerifier(model, { box: images.box });
  const found = await verifier
    .logits(images.data)
    .then((logits) => predictions(logits, verifier.classes))
    .finally(() => verifier.dispose());
  const wrong = Uint8Array.from(found, (label, i) => Number(label !== labels[i]));
  const fallen = wrong.slice();
  const places = [...labels.keys()].filter((i) => malicious === undefined || labels[i] === malicious);
  const targets = takeLabelled({ images, labels }, places);
  for (const [index, attack] of attacks.entries()) {
    const { evaded } = await attackModel(model, attack, targets, rng.split(index), {
      ...{ attacks: problem.attacks, feasible: problem.feasible, signal, crew, device, checkpoint },
    });
    places.forEach((place, at) => (fallen[place] = Math.max(fallen[place]!, evaded[at]!)));
  }
  const share = (marks: Uint8Array) => marks.reduce((sum, mark) => sum + mark, 0) / labels.length;
  return { clean: share(wrong), worst: share(fallen) };
}
