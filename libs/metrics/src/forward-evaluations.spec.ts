import { type Outcome, Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { forwardEvaluations } from './forward-evaluations';

describeMetric(forwardEvaluations);

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

describe('forward-evaluations', () => {
  it('is a mean over the attacked instances', () => {
    expect(forwardEvaluations.compute({}, outcome, Rng.root(1))).toMatchObject({ value: 30, count: 3 });
  });
});
