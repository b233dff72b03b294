import { type Outcome, Rng } from '@rampart/core';
import { describeMetric } from '@rampart/testing';

import { distortion } from './distortion';

describeMetric(distortion);

const outcome: Outcome = {
  classes: 2,
  labels: Int32Array.of(0, 1, 0, 1, 0),
  predictions: Int32Array.of(1, 1, 0, 0, 1),
  attacked: Int32Array.of(0, 2, 4),
  distortions: Float64Array.of(0.01, 0.04, 0.01),
  forwardEvaluations: Int32Array.of(10, 20, 60),
  gradientEvaluations: Int32Array.of(1, 2, 9),
  iterations: Int32Array.of(4, 4, 1),
};

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
