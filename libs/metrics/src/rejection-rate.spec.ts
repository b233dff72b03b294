import { isRampartError, REJECTED, Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { errorRate } from './error-rate';
import { outcome } from './outcome.kit';
import { recall } from './recall';
import { rejectionRate } from './rejection-rate';
import { successRate } from './success-rate';

describeMetric(rejectionRate);

describe('rejection-rate', () => {
  // Of five instances one that is attacked and one that is not are rejected; two are wrong, one of them attacked.
  const guarded = { ...outcome, rejects: true, predictions: Int32Array.of(REJECTED, REJECTED, 0, 0, 1) };

  it('is the share of instances that are rejected, which are no errors, and no successes of an attack', () => {
    expect(rejectionRate.compute({}, guarded, Rng.root(1))).toMatchObject({ value: 2 / 5, count: 5 });
    expect(errorRate.compute({}, guarded, Rng.root(1))).toMatchObject({ value: 2 / 5, count: 5 });
    expect(successRate.compute({}, guarded, Rng.root(1))).toMatchObject({ value: 1 / 3, count: 3 });
    expect(recall.compute({}, guarded, Rng.root(1))).toMatchObject({ value: 2 / 3, count: 3 });
    const aimed = { ...guarded, target: 1 };
    expect(successRate.compute({}, aimed, Rng.root(1))).toMatchObject({ value: 1 / 3, count: 3 });
  });

  it('has nothing to say of a model that answers every instance', () => {
    expect(rejectionRate.compute({}, outcome, Rng.root(1))).toBeUndefined();
  });

  it('refuses a rejection by a model that does not reject', () => {
    let error: unknown;
    try {
      rejectionRate.compute({}, { ...guarded, rejects: false }, Rng.root(1));
    } catch (thrown) {
      error = thrown;
    }
    expect(isRampartError(error) && error.code).toBe('contract');
  });
});
