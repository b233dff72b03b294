import { defineAttack } from '@rampart/core';
import { z } from 'zod';

import { DESCENT_LOSSES, lossParameter } from '../search/descent-losses';
import { projectedDescent } from '../search/projected-descent';

/**
 * The basic iterative method, also called I-FGSM (Kurakin et al. 2017, section 2.2): fast gradient sign in small steps
 * from the original, clipped to ball and box after each. It draws nothing at random.
 */
export const bim = defineAttack({
  name: 'bim',
  summary: 'Basic iterative method (I-FGSM): fast gradient sign in small steps.',
  source: 'Kurakin, Goodfellow, Bengio 2017, "Adversarial examples in the physical world", section 2.2',
  version: 1,
  family: 'budget',
  norms: ['linf'],
  params: z.object({
    loss: lossParameter(),
    steps: z.int().positive().default(10).describe('Gradient steps.'),
    step: z.number().positive().optional().describe('Length of a step. Default: epsilon / steps.'),
  }),
  descent: ({ epsilon, loss, steps, step = epsilon / steps }) =>
    projectedDescent({
      loss: DESCENT_LOSSES[loss],
      steps,
      length: step,
      randomStart: false,
      momentum: 0,
      sparsity: 1,
    }),
});
