import { defineMetric, wilson } from '@rampart/core';
import { z } from 'zod';

import { checkOutcome } from './check-outcome';
import { countEvading } from './evading';

/** Fraction of the malicious (attacked) instances that are still recognised, or rejected. */
export const recall = defineMetric({
  name: 'recall',
  summary: 'Fraction of the malicious (attacked) instances that are still recognised, with its Wilson interval',
  source: 'Publication, section 4, figures 1 and 2; interval: Wilson (1927)',
  version: 1,
  params: z.object({}),
  unit: 'fraction',
  compute(_params, outcome) {
    checkOutcome(outcome);
    return wilson(outcome.attacked.length - countEvading(outcome), outcome.attacked.length);
  },
});
