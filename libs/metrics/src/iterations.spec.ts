import { Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { iterations } from './iterations';
import { outcome } from './outcome.kit';

describeMetric(iterations);

describe('iterations', () => {
  it('is a mean over the attacked instances', () => {
    expect(iterations.compute({}, outcome, Rng.root(1))).toMatchObject({ value: 3, count: 3 });
  });
});
