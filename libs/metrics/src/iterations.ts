import { defineMetric } from '@rampart/core';

import { meanCost } from './mean-cost';

/** Mean number of steps that the attack took on an attacked instance. */
export const iterations = defineMetric({
  name: 'iterations',
  summary: 'Mean number of steps that the attack took on an attacked instance, with its bootstrap interval',
  version: 1,
  ...meanCost('iterations', 'iterations'),
});
