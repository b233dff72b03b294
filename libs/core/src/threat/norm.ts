import type { Rng } from '../rng';
import type { Bounds } from './bounds';

/** The norms that threats are measured in. l0 counts the features that differ. */
export type NormName = 'l0' | 'l1' | 'l2' | 'linf';

/**
 * A norm as a value: all that an attack needs to know about it. Points are one instance: as many values as it has
 * features, float32. Sums run in float64.
 */
export interface Norm {
  readonly name: NormName;
  /** The norm of a - b, both of `size` values from `offset` on. */
  distance(a: Float32Array, b: Float32Array, offset?: number, size?: number): number;
  /** The dual norm of a gradient: how much a linear function can fall within a ball of radius 1. */
  dual(gradient: Float32Array): number;
  /**
   * Writes the step of norm 1 along which a linear function of this gradient falls fastest: the minimiser of
   * <gradient, d> over |d| <= 1. All zeros where the gradient is.
   */
  steepest(gradient: Float32Array, into: Float32Array): void;
  /**
   * Moves a point, in place, to the nearest one (Euclidean distance) of those within `epsilon` of the origin and inside
   * the bounds: the exact projection into the intersection of both sets.
   * @param origin a point inside the bounds
   * @param epsilon the ball's radius, Infinity for the bounds alone
   */
  project(point: Float32Array, origin: Float32Array, epsilon: number, bounds: Bounds): void;
  /** Writes a point drawn uniformly from the ball of radius 1 (l0: one feature, moved by -1 to 1). */
  random(rng: Rng, into: Float32Array): void;
}
