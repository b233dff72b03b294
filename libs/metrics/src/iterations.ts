import { defineMetric } from '@rampart/core';
import { z } from 'zod';

import { bootstrapMean } from './bootstrap';
import { checkOutcome } from './check-outcome';

/** Mean number of steps that the attack took on an attacked instance. */
export const iterations = defineMetric({
  name: 'iterations',
  summary: 'Mean number of steps that the attack took on an attacked instance, with its bootstrap interval',
  source: 'Interval: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3',
  version: 1,
  params: z.object({}),
  unit: 'evaluations',
  compute(_params, outcome, rng) {
    checkOutcome(outcome);
    return bootstrapMean(outcome.iterations, rng, 'iterations');
  },
});
