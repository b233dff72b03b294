import type { z } from 'zod';

import type { ComponentDefinition, Resolved } from './registry';
import type { Rng } from './rng';

/** How one model fared on one test set under one attack. Arrays over the test set unless said otherwise. */
export interface Outcome {
  readonly classes: number;
  /** True classes. */
  readonly labels: Int32Array;
  /** Predicted classes, attacked instances in their modified form, the others as they are; `REJECTED` for none. */
  readonly predictions: Int32Array;
  /** Whether the model may reject instances. */
  readonly rejects?: boolean;
  /**
   * How many labels of each instance are wrong, of `classes - 1`, where any of them may hold at once; class 0 then
   * stands for all of them being right, and each other class for the label that is furthest on its wrong side.
   */
  readonly wrongLabels?: Int32Array;
  /** Indices, into the test set, of the instances that were attacked. */
  readonly attacked: Int32Array;
  /** The class that attacked instances were to be taken for; undefined where any wrong one would do. */
  readonly target?: number;
  /** The class that each attacked instance was to be taken for, where that is not one for all. */
  readonly targets?: Int32Array;
  /** sqrt(sum (x' - x)^2) / n of each attacked instance, n the number of features. */
  readonly distortions: Float64Array;
  /** Evaluations that each attacked instance cost; empty where nothing was attacked. */
  readonly forwardEvaluations: Int32Array;
  readonly gradientEvaluations: Int32Array;
  readonly iterations: Int32Array;
}

/** A figure with its 95% confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Observations that it rests on. */
  readonly count: number;
}

export interface MetricDefinition<P extends z.ZodObject = z.ZodObject> extends ComponentDefinition {
  readonly kind: 'metric';
  readonly params: P;
  /** `fraction` is shown in percent. */
  readonly unit: 'fraction' | 'pixel units' | 'evaluations';
  /** Undefined where the outcome has nothing to measure, such as the distortion of no attack. */
  compute(params: z.output<P>, outcome: Outcome, rng: Rng): Estimate | undefined;
}

export type Metric = Resolved<MetricDefinition>;

/** Declares a metric. */
export function defineMetric<P extends z.ZodObject>(definition: Omit<MetricDefinition<P>, 'kind'>): MetricDefinition {
  return { kind: 'metric', ...definition } as unknown as MetricDefinition;
}
