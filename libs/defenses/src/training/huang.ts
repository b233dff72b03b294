import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, stepFrom, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { ADVERSARIAL, LABELS } from './training-plan';

/**
 * Learning with a strong adversary (Huang et al. 2015, equation 1): the cross-entropy where its linear approximation is
 * worst in the ball, and nothing else.
 */
export const huang = defineDefense({
  name: 'huang',
  summary: 'The loss at the worst point of the ball by its linear approximation, in l2 or linf.',
  source: 'Huang, Xu, Schuurmans, Szepesvari 2015, "Learning with a strong adversary", equation 1 and section 3',
  version: 1,
  feasible: true,
  params: z.object({
    norm: threatSettings.norm.unwrap().default('l2').describe(threatSettings.norm.description!),
    epsilon: threatSettings.epsilon
      .unwrap()
      .default(1.5)
      .describe(threatSettings.epsilon.description!)
      .meta({ shown: true }),
    ...trainingSettings,
  }),
  harden: (params, problem) =>
    trainAgainst(
      params,
      { terms: [crossEntropyOf(ADVERSARIAL)], inner: stepFrom(params, { view: LABELS }), threat: threatOf(params) },
      problem,
    ),
});
