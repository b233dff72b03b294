import { isRampartError, Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { hammingLoss } from './hamming-loss';
import { outcome } from './outcome.kit';

describeMetric(hammingLoss);

describe('hamming-loss', () => {
  const ofLabels = {
    ...outcome,
    classes: 5,
    labels: new Int32Array(5),
    predictions: Int32Array.of(0, 3, 0, 1, 4),
    wrongLabels: Int32Array.of(0, 1, 0, 4, 2),
  };

  it('is the share of labels that are wrong, of all instances', () => {
    const estimate = hammingLoss.compute({}, ofLabels, Rng.root(1))!;
    expect(estimate).toMatchObject({ value: 7 / 20, count: 5 });
    expect(estimate.low).toBeLessThan(estimate.value);
    expect(estimate.high).toBeGreaterThan(estimate.value);
  });

  it('has nothing to say where each instance has one class', () => {
    expect(hammingLoss.compute({}, outcome, Rng.root(1))).toBeUndefined();
  });

  it('refuses counts that do not fit the instances or the labels', () => {
    for (const wrongLabels of [Int32Array.of(1), Int32Array.of(0, 1, 0, 5, 2), Int32Array.of(0, 1, 0, 4, 0)]) {
      let error: unknown;
      try {
        hammingLoss.compute({}, { ...ofLabels, wrongLabels }, Rng.root(1));
      } catch (thrown) {
        error = thrown;
      }
      expect(isRampartError(error) && error.code).toBe('contract');
    }
  });
});
