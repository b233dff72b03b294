import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { pgdPlan } from './objectives';
import { innerSettings, threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';

/** Adversarial training (Madry et al. 2018, equation 2.1): the cross-entropy at the worst point that descent finds. */
export const pgdAt = defineDefense({
  name: 'pgd-at',
  summary: 'Adversarial training: every step learns from examples made by projected descent at the current weights.',
  source: 'Madry, Makelov, Schmidt, Tsipras, Vladu 2018, equation 2.1',
  version: 1,
  feasible: true,
  params: z.object({ ...threatSettings, ...innerSettings, ...trainingSettings }),
  harden: async (params, problem) => trainAgainst(params, pgdPlan(params), problem),
});
