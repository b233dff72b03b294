import { defineMetric, wilson } from '@rampart/core';
import { z } from 'zod';

import { checkOutcome } from './check-outcome';
import { countSuccessful } from './evading';

/** Fraction of the attacked instances that evade: what recall leaves, unless the attack aims at a class. */
export const successRate = defineMetric({
  name: 'success-rate',
  summary: 'Fraction of the attacked instances that evade, with its Wilson interval',
  source: 'Carlini and Wagner, Towards Evaluating the Robustness of Neural Networks, 2017; interval: Wilson (1927)',
  version: 1,
  params: z.object({}),
  unit: 'fraction',
  compute(_params, outcome) {
    checkOutcome(outcome);
    return wilson(countSuccessful(outcome), outcome.attacked.length);
  },
});
