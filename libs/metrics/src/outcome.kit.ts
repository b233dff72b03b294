import type { Outcome } from '@rampart/core';

/** What metrics are tried on: of five instances the three of class 0 are attacked, and two of those evade. */
export const outcome: Outcome = {
  classes: 2,
  labels: Int32Array.of(0, 1, 0, 1, 0),
  predictions: Int32Array.of(1, 1, 0, 0, 1),
  attacked: Int32Array.of(0, 2, 4),
  distortions: Float64Array.of(0.01, 0.04, 0.01),
  forwardEvaluations: Int32Array.of(10, 20, 60),
  gradientEvaluations: Int32Array.of(1, 2, 9),
  iterations: Int32Array.of(4, 4, 1),
};
