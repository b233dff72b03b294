import { defineMetric } from '@rampart/core';

import { meanCost } from './mean-cost';

/** Mean number of forward evaluations that an attacked instance cost. */
export const forwardEvaluations = defineMetric({
  name: 'forward-evaluations',
  summary: 'Mean number of forward evaluations that an attacked instance cost, with its bootstrap interval',
  version: 1,
  ...meanCost('forwardEvaluations', 'forward evaluations'),
});
