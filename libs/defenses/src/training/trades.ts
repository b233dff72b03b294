import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { tradesPlan } from './objectives';
import { innerSettings, threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';

/**
 * TRADES (Zhang et al. 2019, equation 5): the cross-entropy at the image, plus beta times the divergence of the answers
 * in the ball around it, which the inner attack raises.
 */
export const trades = defineDefense({
  name: 'trades',
  summary: 'TRADES: the loss at the image plus beta times the divergence of answers around it.',
  source: 'Zhang, Yu, Jiao, Xing, El Ghaoui, Jordan 2019, equation 5',
  version: 2,
  feasible: true,
  params: z.object({
    ...threatSettings,
    beta: z.number().positive().default(6).describe('Weight of the divergence: 1 / lambda of the paper.'),
    ...innerSettings,
    ...trainingSettings,
  }),
  harden: async (params, problem) => trainAgainst(params, tradesPlan(params), problem),
});
