import { defineMetric } from '@rampart/core';

import { meanCost } from './mean-cost';

/** Mean number of gradient evaluations that an attacked instance cost. */
export const gradientEvaluations = defineMetric({
  name: 'gradient-evaluations',
  summary: 'Mean number of gradient evaluations that an attacked instance cost, with its bootstrap interval',
  version: 1,
  ...meanCost('gradientEvaluations', 'gradient evaluations'),
});
