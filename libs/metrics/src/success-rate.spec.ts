import { type Outcome, Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { successRate } from './success-rate';

describeMetric(successRate);

const outcome: Outcome = {
  classes: 2,
  labels: Int32Array.of(0, 1, 0, 1, 0),
  predictions: Int32Array.of(1, 1, 0, 0, 1),
  attacked: Int32Array.of(0, 2, 4),
  distortions: Float64Array.of(0.01, 0.04, 0.01),
  forwardEvaluations: Int32Array.of(10, 20, 60),
  gradientEvaluations: Int32Array.of(1, 2, 9),
  iterations: Int32Array.of(4, 4, 1),
};

describe('success-rate', () => {
  it('is what recall leaves', () => {
    expect(successRate.compute({}, outcome, Rng.root(1))).toMatchObject({ value: 2 / 3, count: 3 });
  });

  it('counts only what is taken for the target, where there is one', () => {
    const predictions = Int32Array.of(1, 1, 2, 0, 2);
    const aimed = { ...outcome, classes: 3, predictions, target: 2 };
    expect(successRate.compute({}, aimed, Rng.root(1))).toMatchObject({ value: 2 / 3, count: 3 });
    expect(successRate.compute({}, { ...aimed, target: 1 }, Rng.root(1))).toMatchObject({ value: 1 / 3, count: 3 });
  });
});
