import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { tradesPlan } from './objectives';
import { innerSettings, threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';

/** TRADES in the Euclidean norm (Zhang et al. 2019): the divergence is raised within a ball of l2. */
export const tradesL2 = defineDefense({
  name: 'trades-l2',
  summary: 'TRADES against changes that are small in the Euclidean norm.',
  source: 'Zhang, Yu, Jiao, Xing, El Ghaoui, Jordan 2019, equation 5, with the ball of l2',
  version: 2,
  feasible: true,
  params: z.object({
    epsilon: threatSettings.epsilon
      .unwrap()
      .default(1.5)
      .describe('Euclidean length of a change.')
      .meta({ shown: true }),
    beta: z.number().positive().default(6).describe('Weight of the divergence: 1 / lambda of the paper.'),
    ...innerSettings,
    ...trainingSettings,
  }),
  harden: async (params, problem) => trainAgainst(params, tradesPlan({ ...params, norm: 'l2' }), problem),
});
