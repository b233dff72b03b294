import type { AttackStage, CurvePoint, LossPoint } from '@rampart/core';
import type { RobustnessCurveRecord, RobustnessRecord } from '@rampart/results';

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
  /** What each component of an ensemble did. */
  readonly stages?: readonly AttackStage[];
  /** The class that each instance was to be taken for, where that was chosen by instance. */
  readonly targets?: readonly number[];
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
  /** The class that each attacked instance was to be taken for, where that was chosen by instance. */
  readonly targets?: readonly number[];
}

/** Output of robustness steps: records without what a run adds. */
export interface RobustnessOutput {
  readonly threats: readonly Omit<RobustnessRecord, 'runId' | 'seed' | 'model' | 'mode' | 'step'>[];
  readonly curves: readonly Omit<RobustnessCurveRecord, 'runId' | 'seed' | 'model' | 'mode' | 'step'>[];
}
