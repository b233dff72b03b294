import type { AttackStage, CurvePoint, DeviceUse, Finding, LossPoint, NormName } from '@rampart/core';
import type { CertificateRecord, RobustnessCurveRecord, RobustnessRecord } from '@rampart/results';

import type { Certificate } from '../certify/certify';
import type { TargetChoice, TargetOfEach } from '../targets';

/** Output of the steps that make a model: train, harden, import. */
export interface ModelOutput {
  readonly parameters: number;
  readonly engine: string;
  readonly curves: readonly CurvePoint[];
  readonly facts: Readonly<Record<string, number | string>>;
  /** What was computed elsewhere than on the CPU. */
  readonly device?: StepDevice;
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
  /** What the examples were held to. Missing in older results. */
  readonly heldTo?: HeldTo;
  /** What was computed elsewhere than on the CPU. */
  readonly device?: StepDevice;
}

/** What a device was found to do for a step. */
export interface StepDevice {
  /** The step that made the model which is attacked, or this one, which makes it. */
  readonly model: string;
  readonly sessions: readonly DeviceUse[];
}

/** What an attack was held to, besides the box; a feasible set is the step's file `FEASIBLE_FILE`. */
export interface HeldTo {
  /** The attack's label. */
  readonly attack: string;
  readonly norm: NormName | 'none';
  /** The ball's radius; undefined where the attack has none. */
  readonly epsilon?: number;
  readonly target?: Exclude<TargetChoice, TargetOfEach>;
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

/** What one remedy did at one threat. */
export interface RemedyResult {
  /** What tables call it. */
  readonly label: string;
  /** The place of the threat in the step's list. */
  readonly threat: number;
  /** Positions of the instances that it broke, and how far their examples are in the threat's norm. */
  readonly broken: readonly (readonly [position: number, distance: number])[];
  /** All instances' together. */
  readonly gradientEvaluations: number;
  readonly forwardEvaluations: number;
}

/** For a model that draws random numbers: accuracy over many draws, at one threat. */
export interface DrawnAccuracy {
  readonly threat: number;
  readonly draws: number;
  /** Over the whole test set; of the attacked instances each under the example that is right the least often. */
  readonly robustAccuracy: number;
  readonly cleanAccuracy: number;
}

/** Output of audit steps. */
export interface AuditOutput {
  readonly findings: readonly Finding[];
  readonly remedies: readonly RemedyResult[];
  readonly drawn: readonly DrawnAccuracy[];
}

/** Output of robustness steps: records without what a run adds. */
export interface RobustnessOutput {
  readonly threats: readonly Omit<RobustnessRecord, 'runId' | 'seed' | 'model' | 'mode' | 'step'>[];
  readonly curves: readonly Omit<RobustnessCurveRecord, 'runId' | 'seed' | 'model' | 'mode' | 'step'>[];
}

/** Output of certify steps: records without what a run adds. Empty of a model of which nothing is certain. */
export interface CertifyOutput {
  readonly certificate?: Omit<CertificateRecord, 'runId' | 'seed' | 'model' | 'step'>;
  /** Of each certified instance. */
  readonly certificates?: readonly (Certificate & { readonly label: number })[];
  readonly findings?: readonly Finding[];
}
