import type { ComponentSpec, Outcome, Rng } from '@rampart/core';
import { metrics } from '@rampart/metrics';

import type { Figure } from './outputs';

/** Computes every metric that has something to say about an outcome. */
export function figuresOf(specs: readonly ComponentSpec[], outcome: Outcome, rng: Rng): Figure[] {
  return specs.flatMap((spec) => {
    const metric = metrics.resolve(spec);
    const estimate = metric.definition.compute(metric.params, outcome, rng.split(metric.label));
    return estimate ? [{ metric: metric.label, unit: metric.definition.unit, ...estimate }] : [];
  });
}
