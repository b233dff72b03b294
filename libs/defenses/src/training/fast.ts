import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, descentOn, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { ADVERSARIAL } from './training-plan';

/** Robust accuracy lost in an epoch that is taken for catastrophic overfitting: noise is a few points. */
const COLLAPSE = 0.2;

/**
 * Fast adversarial training (Wong, Rice and Kolter 2020, algorithm 3): one step from a random point of the ball, in the
 * box or not: were it cut to the box first, a step of more than epsilon would end in the ball's corners wherever a pixel
 * is black or white, and training would overfit to these. It may
 * overfit to that step from one epoch to the next, so every epoch is judged on held-out instances, by projected descent
 * and by a search without gradients; where robustness collapses, training ends and the best epoch is the result.
 */
export const fast = defineDefense({
  name: 'fast',
  summary:
    'Fast adversarial training: one gradient step from a random start, with a watch for catastrophic overfitting.',
  source: 'Wong, Rice, Kolter 2020, "Fast is better than free", algorithm 3',
  version: 3,
  feasible: true,
  params: z.object({
    ...threatSettings,
    step: z.number().positive().optional().describe('Length of the step. Default: 1.25 epsilon.'),
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
  harden: (params, problem) =>
    trainAgainst(
      params,
      {
        terms: [crossEntropyOf(ADVERSARIAL)],
        inner: descentOn(
          { ...params, steps: 1, step: params.step ?? 1.25 * params.epsilon },
          undefined,
          'uniform beyond the box',
        ),
        threat: threatOf(params),
        mayMask: true,
        collapse: COLLAPSE,
      },
      problem,
    ),
});
