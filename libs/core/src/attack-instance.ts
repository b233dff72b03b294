import type { BestPoint } from './attack';
import type { AttackLoss } from './classifier';
import type { ImageShape } from './image-batch';
import type { PixelBox } from './pixel-box';
import type { Rng } from './rng';
import type { Bounds } from './threat/bounds';
import type { Norm } from './threat/norm';

/** Value and gradient of the attacker's loss at one point. */
export interface PointGradient {
  /** The attacker's loss, which an attack lowers. */
  readonly loss: number;
  /** The signed margin: below 0 where the point evades. */
  readonly margin: number;
  /** One value a feature; a view that stays as it is, not to be written to. */
  readonly gradient: Float32Array;
  /** One value a class; a view. */
  readonly logits: Float32Array;
}

/** One instance of an attack, and what may be done to it. */
export interface AttackedInstance {
  readonly features: number;
  readonly shape: ImageShape;
  readonly box: PixelBox;
  readonly classes: number;
  /** Whether it is to be taken for a given class. */
  readonly targeted: boolean;
  /** The unmodified instance; a copy. */
  readonly original: Float32Array;
  /** The norm that distances are measured in. */
  readonly norm: Norm;
  /** The ball's radius; Infinity for a minimum-norm attack. */
  readonly epsilon: number;
  /** What the features must stay between: the pixel box, or what the feasible set leaves of it. */
  readonly bounds: Bounds;
  /** Its random numbers, of this run. */
  readonly rng: Rng;
  /** Which run this is, from 0 on. */
  readonly run: number;
  /** The best point asked about so far, in all runs. */
  readonly best: BestPoint;
  /** Projects a point into the ball and the bounds, in place. */
  project(point: Float32Array): void;
  /** The distance of a point from the original. */
  distance(point: Float32Array): number;
}

/**
 * One instance as the search of an attack sees it. Every question is answered together with those of other instances,
 * in one batch; several may be asked at once (`Promise.all`). A point is read when it is evaluated, so it must not
 * change until the answer has come. Once the instance is decided no answer comes any more: the search just ends there.
 */
export interface AttackInstance extends AttackedInstance {
  /** The attacker's loss and its gradient. @param rival the other class, for `difference` and `targeted-dlr` */
  gradient(point: Float32Array, loss: AttackLoss, rival?: number): Promise<PointGradient>;
  /** The signed margin of one point, below 0 where it evades. */
  margin(point: Float32Array): Promise<number>;
  /** The signed margins of points, one after the other in one array. */
  margins(points: Float32Array): Promise<Float32Array>;
  /** The logits of points: [points, classes]. */
  logits(points: Float32Array): Promise<Float32Array>;
  /**
   * Other classes than the label, the likeliest at the original first; the target alone where there is one. Costs a
   * forward evaluation the first time.
   */
  rivals(): Promise<Int32Array>;
  /** Names what follows, for the account of an ensemble. */
  stage(name: string): void;
}
