import type { Attack } from './attack';
import type { Classifier, DifferentiableClassifier } from './classifier';
import type { ImageBatch } from './image-batch';
import type { LossPaths } from './loss-paths';
import type { LossPoint } from './loss-trace';
import type { WorkOptions } from './progress';
import type { Rng } from './rng';
import type { AttackStage } from './stage-account';
import type { FeasibleSet } from './threat/feasible-set';

/** What an attack is run on. */
export interface EvadeInput extends WorkOptions {
  readonly attack: Attack;
  /** The model that the search may question. */
  readonly classifier: DifferentiableClassifier;
  /** Judges the result: a session of its own, so that nothing the search did can colour it. */
  readonly verifier: Classifier;
  readonly images: ImageBatch;
  /** True class of each image. */
  readonly labels: Int32Array;
  /** The class that each image is to be taken for; without it any wrong class will do. */
  readonly targets?: Int32Array;
  readonly rng: Rng;
  /** Index of the first image in the whole set, where this is a part of it. Default 0. */
  readonly firstInstance?: number;
  /** Instances searched together, and rows of one evaluation of the model. Default 256. */
  readonly batchSize?: number;
  /** What instances may become, beside the attack's ball. Default: the images' box. */
  readonly feasible?: FeasibleSet;
}

/** What came of an attack, per instance. */
export interface Evasion {
  /** Inside the box and the budget, always. */
  readonly adversarial: ImageBatch;
  /** Predicted class of each adversarial example, by the verifier. */
  readonly predictions: Int32Array;
  /** 1 where the example evades: a wrong class, or the target. */
  readonly evaded: Uint8Array;
  readonly iterations: Int32Array;
  readonly forwardEvaluations: Int32Array;
  readonly gradientEvaluations: Int32Array;
  /**
   * How the signed margin fell: means over all instances, each counted with its lowest so far while it is searched and
   * with that of its example from then on. See `LossTrace`.
   */
  readonly losses: readonly LossPoint[];
  /** The same of each instance by itself. Undefined where parts of the search were of some of them alone. */
  readonly paths?: LossPaths;
  /** What each stage of the search did, where it has several: the components of an ensemble. */
  readonly stages: readonly AttackStage[];
  /** Instances whose candidate had to be brought back into the box or the budget: 0 for a sound attack. */
  readonly corrected: number;
}
