import { defineDefense, type Rng } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, stepFrom, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { ADVERSARIAL, LABELS, REACH } from './training-plan';

/**
 * Adversarial training at scale (Kurakin, Goodfellow and Bengio 2017, equation 1 and section 3.1): a part of every batch
 * is replaced by one-step examples, whose losses weigh lambda. Each example has an epsilon of its own, from a normal
 * distribution cut off at epsilon. They raise the loss of the predicted class, not of the true one: a model could read
 * the label off the change otherwise (label leaking, section 4.2).
 */
export const kurakin = defineDefense({
  name: 'kurakin',
  summary: 'Mixed batches of images and one-step examples of many epsilons, label leaking avoided.',
  source: 'Kurakin, Goodfellow, Bengio 2017, "Adversarial machine learning at scale", equation 1',
  version: 1,
  feasible: true,
  params: z.object({
    ...threatSettings,
    share: z.number().positive().max(1).default(0.5).describe('Part of a batch that is replaced by examples.'),
    lambda: z.number().positive().default(0.3).describe("Weight of an example's loss beside an image's."),
    ...trainingSettings,
  }),
  harden: (params, problem) =>
    trainAgainst(
      params,
      {
        terms: [crossEntropyOf(ADVERSARIAL)],
        inner: stepFrom(params, 'predicted'),
        threat: threatOf(params),
        onBatch: ({ views }, rng) => mix(views[REACH]!.data, views[LABELS]!.data, params, rng),
      },
      problem,
    ),
});

/** Leaves a part of the rows an epsilon, and weighs the labels of all of them. */
export function mix(
  reach: Float32Array,
  labels: Float32Array,
  { share, lambda }: { readonly share: number; readonly lambda: number },
  rng: Rng,
): void {
  const classes = labels.length / reach.length;
  const replaced = reach.map((attacked, i) =>
    attacked > 0 && Math.floor((i + 1) * share) > Math.floor(i * share) ? cutOff(rng) : 0,
  );
  const examples = replaced.reduce((sum, epsilon) => sum + Number(epsilon > 0), 0);
  const scale = reach.length / (reach.length - examples + lambda * examples);
  reach.set(replaced);
  for (let k = 0; k < labels.length; k++) labels[k]! *= scale * (replaced[Math.floor(k / classes)]! > 0 ? lambda : 1);
}

/** The absolute value of a normal number of deviation 1/2, drawn again above 1. */
function cutOff(rng: Rng): number {
  for (;;) {
    const value = Math.abs(rng.normal()) / 2;
    if (value > 0 && value <= 1) return value;
  }
}
