import type { MetricDefinition } from '@rampart/core';
import { z } from 'zod';

import { bootstrapMean } from './bootstrap';
import { checkOutcome } from './check-outcome';

/** What the metrics of an attack's cost have in common: a mean of whole numbers over the attacked instances. */
export function meanCost(
  cost: 'iterations' | 'forwardEvaluations' | 'gradientEvaluations',
  what: string,
): Pick<MetricDefinition, 'source' | 'params' | 'unit' | 'compute'> {
  return {
    source: 'Interval: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3',
    params: z.object({}),
    unit: 'evaluations',
    compute(_params, outcome, rng) {
      checkOutcome(outcome);
      return bootstrapMean(outcome[cost], rng, what);
    },
  };
}
