/**
 * What an attacker may do to an instance, besides staying in the pixel box.
 * `epsilon` bounds the norm of x' - x in the box's units; `none` has no bound.
 */
export type ThreatModel = { readonly norm: 'none' } | { readonly norm: 'linf' | 'l2'; readonly epsilon: number };

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
