import { Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { forwardEvaluations } from './forward-evaluations';
import { outcome } from './outcome.kit';

describeMetric(forwardEvaluations);

describe('forward-evaluations', () => {
  it('is a mean over the attacked instances', () => {
    expect(forwardEvaluations.compute({}, outcome, Rng.root(1))).toMatchObject({ value: 30, count: 3 });
  });
});
