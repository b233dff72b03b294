import { Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { errorRate } from './error-rate';
import { outcome } from './outcome.kit';

describeMetric(errorRate);

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
