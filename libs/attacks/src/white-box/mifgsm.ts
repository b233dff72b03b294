import { defineAttack } from '@rampart/core';
import { z } from 'zod';

import { DESCENT_LOSSES, lossParameter } from '../search/descent-losses';
import { projectedDescent } from '../search/projected-descent';

/**
 * The momentum iterative method, MI-FGSM (Dong et al. 2018, algorithm 1): steps along what gradients, each divided by
 * its l1 norm, have added up to. Its examples transfer better to other models than those of `bim`.
 */
export const mifgsm = defineAttack({
  name: 'mifgsm',
  summary: 'Momentum iterative fast gradient sign (MI-FGSM).',
  source: 'Dong, Liao, Pang, Su, Zhu, Hu, Li 2018, "Boosting adversarial attacks with momentum", algorithm 1',
  version: 1,
  family: 'budget',
  norms: ['linf', 'l2'],
  params: z.object({
    loss: lossParameter(),
    steps: z.int().positive().default(10).describe('Gradient steps.'),
    step: z.number().positive().optional().describe('Length of a step. Default: epsilon / steps.'),
    decay: z.number().positive().default(1).describe('Weight of the gradients before.'),
  }),
  descent: ({ epsilon, loss, steps, step = epsilon / steps, decay }) =>
    projectedDescent({
      loss: DESCENT_LOSSES[loss],
      steps,
      length: step,
      randomStart: false,
      momentum: decay,
      sparsity: 1,
    }),
});
