import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, descentOn, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { isAugmented, startAt } from './start';
import { trainAgainst } from './train-against';
import { ADVERSARIAL } from './training-plan';

/** Robust accuracy lost in an epoch that is taken for catastrophic overfitting: noise is a few points. */
const COLLAPSE = 0.2;

/** Length of the step, in epsilons. */
const STEP = { previous: 0.5, random: 1.25 } as const;

/**
 * Fast adversarial training (Wong, Rice and Kolter 2020, algorithm 3): one step from a random point of the ball, in the
 * box or not: were it cut to the box first, a step of more than epsilon would end in the ball's corners wherever a pixel
 * is black or white, and training would overfit to these. Or the step goes on from the example of the epoch before, so
 * that examples grow as strong as those of many steps (Zheng et al. 2020).
 * It may overfit to that step from one epoch to the next, so every epoch is judged on held-out instances, by projected
 * descent, APGD and a search without gradients; where robustness collapses, training ends and the best epoch is the
 * result.
 */
export const fast = defineDefense({
  name: 'fast',
  summary:
    'Fast adversarial training: one gradient step from the last example or a random start, with a watch for catastrophic overfitting.',
  source:
    'Wong, Rice, Kolter 2020, "Fast is better than free", algorithm 3; Zheng et al. 2020, "... transferable adversarial examples"',
  version: 3,
  feasible: true,
  params: z.object({
    ...threatSettings,
    start: z
      .enum(['previous', 'random'])
      .optional()
      .describe(
        "Where the step starts: at the image's example of the epoch before, or at a random point of the ball. Default: previous, random where images are mirrored or shifted.",
      ),
    step: z
      .number()
      .positive()
      .optional()
      .describe(
        'Length of the step. Default: half of epsilon from the previous example, 1.25 epsilon from a random one.',
      ),
    ...trainingSettings,
    learningRate: trainingSettings.learningRate
      .unwrap()
      .default(0.005)
      .describe(trainingSettings.learningRate.description!),
    validation: trainingSettings.validation
      .unwrap()
      .positive()
      .default(0.05)
      .describe(trainingSettings.validation.description!),
  }),
  harden: async (params, problem) => {
    const { start = isAugmented(params) ? 'random' : 'previous', step = STEP[start] * params.epsilon } = params;
    const from = startAt('uniform beyond the box', { ...params, start });
    return trainAgainst(
      params,
      {
        terms: [crossEntropyOf(ADVERSARIAL)],
        inner: descentOn({ ...params, steps: 1, step }, undefined, from),
        threat: threatOf(params),
        mayMask: true,
        collapse: COLLAPSE,
      },
      problem,
    );
  },
});
