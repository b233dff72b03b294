import type { Outcome } from '@rampart/core';

import { checkOutcome } from './check-outcome';

const sound: Outcome = {
  classes: 2,
  labels: Int32Array.of(0, 1, 0),
  predictions: Int32Array.of(1, 1, 0),
  attacked: Int32Array.of(0, 2),
  distortions: Float64Array.of(0.1, 0.2),
  forwardEvaluations: Int32Array.of(1, 2),
  gradientEvaluations: Int32Array.of(3, 4),
  iterations: Int32Array.of(5, 6),
};

describe('checkOutcome', () => {
  it('takes an outcome with costs, and one without', () => {
    expect(() => checkOutcome(sound)).not.toThrow();
    const none = new Int32Array(0);
    expect(() =>
      checkOutcome({
        ...sound,
        distortions: new Float64Array(0),
        forwardEvaluations: none,
        gradientEvaluations: none,
        iterations: none,
      }),
    ).not.toThrow();
  });

  it.each<[string, Partial<Outcome>, string]>([
    [
      'too few predictions',
      { predictions: Int32Array.of(1) },
      'one prediction for each of 3 labels. Received 1 predictions',
    ],
    ['a label out of range', { labels: Int32Array.of(0, 2, 0) }, 'labels from 0 to 1. Received 2 at index 1'],
    [
      'a prediction out of range',
      { predictions: Int32Array.of(0, 1, -1) },
      'predictions from 0 to 1. Received -1 at index 2',
    ],
    [
      'an attacked instance that is none',
      { attacked: Int32Array.of(0, 3) },
      'attacked indices below the 3 instances of the test set. Received 3',
    ],
    [
      'an instance attacked twice',
      { attacked: Int32Array.of(2, 2) },
      'each attacked instance once. Received instance 2 twice',
    ],
    [
      'distortions of others',
      { distortions: Float64Array.of(0.1) },
      'distortions for each of 2 attacked instances, or none. Received 1',
    ],
    [
      'costs of others',
      { gradientEvaluations: new Int32Array(3) },
      'gradientEvaluations for each of 2 attacked instances, or none. Received 3',
    ],
  ])('refuses %s', (_what, change, message) => {
    expect(() => checkOutcome({ ...sound, ...change })).toThrow(
      expect.objectContaining({ code: 'contract', message: `An outcome to measure needs ${message}.` }),
    );
  });
});
