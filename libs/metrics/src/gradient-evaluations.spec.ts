import { Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { gradientEvaluations } from './gradient-evaluations';
import { outcome } from './outcome.kit';

describeMetric(gradientEvaluations);

describe('gradient-evaluations', () => {
  it('is a mean over the attacked instances', () => {
    expect(gradientEvaluations.compute({}, outcome, Rng.root(1))).toMatchObject({ value: 4, count: 3 });
  });
});
