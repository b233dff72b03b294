import { Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { distortion } from './distortion';
import { outcome } from './outcome.kit';

describeMetric(distortion);

describe('distortion', () => {
  it('is the mean over the attacked instances, whether they evade or not', () => {
    const { value, count } = distortion.compute({}, outcome, Rng.root(1))!;
    expect(value).toBeCloseTo(0.02, 15);
    expect(count).toBe(3);
  });

  it('refuses NaN and what is no norm, and says where', () => {
    const withFirst = (value: number) => ({ ...outcome, distortions: Float64Array.of(0.1, value, 0.1) });
    expect(() => distortion.compute({}, withFirst(NaN), Rng.root(1))).toThrow(
      expect.objectContaining({
        code: 'contract',
        message: expect.stringContaining('Expected distortions to be finite. Received NaN at index 1 of 3.'),
      }),
    );
    expect(() => distortion.compute({}, withFirst(-0.1), Rng.root(1))).toThrow(
      'A distortion is a norm and at least 0. Received -0.1 for attacked instance 1.',
    );
  });
});
