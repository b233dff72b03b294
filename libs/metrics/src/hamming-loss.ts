import { defineMetric } from '@rampart/core';
import { z } from 'zod';

import { bootstrapMean } from './bootstrap';
import { checkOutcome } from './check-outcome';

/** Where labels are not exclusive, the fraction of them that is wrong, over the whole test set. */
export const hammingLoss = defineMetric({
  name: 'hamming-loss',
  summary:
    'Where several labels may hold at once: the fraction of labels that is wrong, with its bootstrap interval over instances',
  source: 'Schapire and Singer, BoosTexter: A Boosting-based System for Text Categorization, 2000, section 3',
  version: 1,
  params: z.object({}),
  unit: 'fraction',
  compute(_params, outcome, rng) {
    checkOutcome(outcome);
    const { wrongLabels, classes } = outcome;
    if (!wrongLabels) return undefined;
    const fractions = Float64Array.from(wrongLabels, (wrong) => wrong / (classes - 1));
    return bootstrapMean(fractions, rng, 'fractions of wrong labels');
  },
});
