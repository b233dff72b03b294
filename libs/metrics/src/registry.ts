// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type MetricDefinition, Registry } from '@rampart/core';

import { distortion } from './distortion';
import { errorRate } from './error-rate';
import { forwardEvaluations } from './forward-evaluations';
import { gradientEvaluations } from './gradient-evaluations';
import { hammingLoss } from './hamming-loss';
import { iterations } from './iterations';
import { recall } from './recall';
import { rejectionRate } from './rejection-rate';
import { successRate } from './success-rate';

export {
  distortion,
  errorRate,
  forwardEvaluations,
  gradientEvaluations,
  hammingLoss,
  iterations,
  recall,
  rejectionRate,
  successRate,
};

/** Every metric of this library, by name. */
export const metrics: Registry<MetricDefinition> = new Registry('metric', [
  distortion,
  errorRate,
  forwardEvaluations,
  gradientEvaluations,
  hammingLoss,
  iterations,
  recall,
  rejectionRate,
  successRate,
]);
