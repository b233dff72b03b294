import { type Outcome, Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { errorRate } from './error-rate';

describeMetric(errorRate);

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

describe('error-rate', () => {
  it('counts wrong predictions over the whole test set, attacked or not', () => {
    expect(errorRate.compute({}, outcome, Rng.root(1))).toMatchObject({ value: 3 / 5, count: 5 });
  });

  it('needs no attack', () => {
    const clean = { ...outcome, attacked: new Int32Array(0), distortions: new Float64Array(0) };
    const costs = {
      forwardEvaluations: new Int32Array(0),
      gradientEvaluations: new Int32Array(0),
      iterations: new Int32Array(0),
    };
    expect(errorRate.compute({}, { ...clean, ...costs }, Rng.root(1))).toMatchObject({ value: 3 / 5 });
  });
});
