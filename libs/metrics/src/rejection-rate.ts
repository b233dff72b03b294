import { defineMetric, REJECTED, wilson } from '@rampart/core';
import { z } from 'zod';

import { checkOutcome } from './check-outcome';

/** Of a model that may reject instances, the fraction of the whole test set that it rejects: neither right nor wrong. */
export const rejectionRate = defineMetric({
  name: 'rejection-rate',
  summary:
    'Where a model may reject instances: the fraction of the whole test set that it does, with its Wilson interval',
  source: 'Meng and Chen, MagNet: A Two-Pronged Defense against Adversarial Examples, 2017; interval: Wilson (1927)',
  version: 1,
  params: z.object({}),
  unit: 'fraction',
  compute(_params, outcome) {
    checkOutcome(outcome);
    if (!outcome.rejects) return undefined;
    const rejected = outcome.predictions.reduce((sum, prediction) => sum + Number(prediction === REJECTED), 0);
    return wilson(rejected, outcome.labels.length);
  },
});
