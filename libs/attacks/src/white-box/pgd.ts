import { defineAttack } from '@rampart/core';
import { z } from 'zod';

import { DESCENT_LOSSES, lossParameter } from '../search/descent-losses';
import { projectedDescent } from '../search/projected-descent';

/**
 * Projected gradient descent (Madry et al. 2018, section 2.1): steps along the steepest direction of the norm, each
 * followed by the exact projection into the ball and the feasible set. In l1 a step moves the features of the largest
 * slopes together (SLIDE; Tramer and Boneh 2019, algorithm 1), since the steepest moves one alone.
 */
export const pgd = defineAttack({
  name: 'pgd',
  summary: 'Projected gradient descent from a random start.',
  source: 'Madry, Makelov, Schmidt, Tsipras, Vladu 2018, section 2.1; Tramer, Boneh 2019, algorithm 1',
  version: 1,
  family: 'budget',
  norms: ['linf', 'l2', 'l1'],
  params: z.object({
    loss: lossParameter(),
    steps: z.int().positive().default(40).describe('Gradient steps of a run.'),
    step: z.number().positive().optional().describe('Length of a step. Default: 2.5 epsilon / steps.'),
    randomStart: z.boolean().default(true).describe('Whether a run starts at a random point of the ball.'),
    sparsity: z
      .number()
      .positive()
      .max(1)
      .default(0.05)
      .describe('In l1: the part of the features, those of the largest slopes, that a step moves.'),
  }),
  descent: ({ epsilon, loss, steps, step = (2.5 * epsilon) / steps, randomStart, sparsity }) =>
    projectedDescent({ loss: DESCENT_LOSSES[loss], steps, length: step, randomStart, momentum: 0, sparsity }),
});
