import { Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { outcome } from './outcome.kit';
import { successRate } from './success-rate';

describeMetric(successRate);

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
