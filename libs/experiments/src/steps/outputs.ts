import type { CurvePoint, LossPoint } from '@rampart/core';

/** Output of the steps that make a model: train, harden, import. */
export interface ModelOutput {
  readonly parameters: number;
  readonly engine: string;
  readonly curves: readonly CurvePoint[];
  readonly facts: Readonly<Record<string, number | string>>;
}

/** Output of an attack step; lists over its instances. */
export interface AttackOutput {
  readonly first: number;
  readonly evaded: readonly number[];
  readonly iterations: readonly number[];
  readonly forwardEvaluations: readonly number[];
  readonly gradientEvaluations: readonly number[];
  /** Instances that the attack left outside its box or budget, and that were brought back. */
  readonly corrected: number;
  /** How the attack's loss fell, the mean over its instances: `Evasion.losses`. Missing in older results. */
  readonly losses?: readonly LossPoint[];
}

/** One figure of an evaluation. */
export interface Figure {
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Output of evaluate and worst-case steps. */
export interface EvaluateOutput {
  readonly figures: readonly Figure[];
}
