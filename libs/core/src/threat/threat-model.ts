import type { NormName } from './norm';

/**
 * What an attacker may do to an instance, besides staying in the feasible set. `epsilon` bounds the norm of x' - x in
 * the box's units (l0: the number of features that change); it is Infinity for an attack that looks for the nearest
 * example, and `none` has no norm at all.
 */
export type ThreatModel = { readonly norm: 'none' } | Threat;

/** A ball of a norm: what an experiment asks about. */
export interface Threat {
  readonly norm: NormName;
  readonly epsilon: number;
}

/** Euclidean norm of a - b, both of `size` values from `offset` on. */
export function l2Distance(a: Float32Array, b: Float32Array, offset: number, size: number): number {
  let sum = 0;
  for (let i = offset; i < offset + size; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}

/** Largest absolute difference of a and b, both of `size` values from `offset` on. */
export function linfDistance(a: Float32Array, b: Float32Array, offset: number, size: number): number {
  let largest = 0;
  for (let i = offset; i < offset + size; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
