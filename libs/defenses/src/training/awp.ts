import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { martPlan, pgdPlan, tradesPlan } from './objectives';
import { innerSettings, threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';

const PLANS = {
  'pgd-at': pgdPlan,
  trades: (params: Parameters<typeof pgdPlan>[0]) => tradesPlan({ ...params, beta: 6 }),
  mart: (params: Parameters<typeof pgdPlan>[0]) => martPlan({ ...params, lambda: 5 }),
};

/**
 * Adversarial weight perturbation (Wu, Xia and Wang 2020, equation 9): the gradient is taken where the weights of each
 * layer have moved by a part of their norm along it, which flattens the loss around the weights. Every objective has it
 * as its parameter `perturbation`.
 */
export const awp = defineDefense({
  name: 'awp',
  summary: 'Adversarial weight perturbation on top of pgd-at, trades or mart.',
  source: 'Wu, Xia, Wang 2020, "Adversarial weight perturbation helps robust generalization", equation 9',
  version: 2,
  feasible: true,
  params: z.object({
    objective: z
      .enum(['pgd-at', 'trades', 'mart'])
      .default('pgd-at')
      .describe('What is trained, with its own weights.'),
    ...threatSettings,
    ...innerSettings,
    ...trainingSettings,
    perturbation: z
      .number()
      .positive()
      .default(0.005)
      .describe('How far the weights of a layer move, as a part of their norm: gamma of the paper.'),
  }),
  harden: async (params, problem) => trainAgainst(params, PLANS[params.objective](params), problem),
});
