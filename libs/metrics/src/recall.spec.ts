import { Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { outcome } from './outcome.kit';
import { recall } from './recall';

describeMetric(recall);

describe('recall', () => {
  it('is the share of the attacked instances that are still recognised', () => {
    expect(recall.compute({}, outcome, Rng.root(1))).toMatchObject({ value: 1 / 3, count: 3 });
  });
});
