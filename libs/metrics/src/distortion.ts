import { defineMetric, RampartError } from '@rampart/core';
import { z } from 'zod';

import { bootstrapMean } from './bootstrap';
import { checkOutcome } from './check-outcome';

/** Mean of sqrt(sum (x' - x)^2) / n over the attacked instances, n the number of features. */
export const distortion = defineMetric({
  name: 'distortion',
  summary: "Mean of sqrt(sum (x' - x)^2) / n over the attacked instances, with its bootstrap interval",
  source: 'Publication, section 4, tables 5 and 6; interval: Efron and Tibshirani (1993), section 13.3',
  version: 1,
  params: z.object({}),
  unit: 'pixel units',
  compute(_params, outcome, rng) {
    checkOutcome(outcome);
    const negative = outcome.distortions.findIndex((value) => value < 0);
    if (negative >= 0) {
      throw new RampartError({
        code: 'contract',
        message: `A distortion is a norm and at least 0. Received ${outcome.distortions[negative]} for attacked instance ${negative}.`,
      });
    }
    return bootstrapMean(outcome.distortions, rng, 'distortions');
  },
});
