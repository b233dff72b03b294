import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { martPlan } from './objectives';
import { innerSettings, threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';

/**
 * MART (Wang et al. 2020, equation 11): a boosted cross-entropy at the example, plus lambda times the divergence of its
 * answer from that to the image, weighted by how unsure the model is of the image's class.
 */
export const mart = defineDefense({
  name: 'mart',
  summary: 'MART: adversarial training that looks harder at images that the model gets wrong.',
  source: 'Wang, Zou, Yi, Bailey, Ma, Gu 2020, equation 11',
  version: 2,
  feasible: true,
  params: z.object({
    ...threatSettings,
    lambda: z.number().positive().default(5).describe('Weight of the divergence.'),
    ...innerSettings,
    ...trainingSettings,
  }),
  harden: async (params, problem) => trainAgainst(params, martPlan(params), problem),
});
