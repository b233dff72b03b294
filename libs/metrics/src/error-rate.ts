import { defineMetric, isEvasion, wilson } from '@rampart/core';
import { z } from 'zod';

import { checkOutcome } from './check-outcome';

/** Fraction of the whole test set, benign instances included, that is classified wrongly; what is rejected is not. */
export const errorRate = defineMetric({
  name: 'error-rate',
  summary: 'Fraction of the whole test set that is classified wrongly, with its Wilson interval',
  source: 'Publication, section 4 and tables 1 to 4; interval: Wilson (1927)',
  version: 1,
  params: z.object({}),
  unit: 'fraction',
  compute(_params, outcome) {
    checkOutcome(outcome);
    const { labels, predictions } = outcome;
    return wilson(
      labels.reduce((wrong, label, i) => wrong + Number(isEvasion(predictions[i]!, label)), 0),
      labels.length,
    );
  },
});
