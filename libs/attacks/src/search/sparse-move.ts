import { largestMagnitude } from './largest-magnitude';

/** Moves the part of the features that have the largest slopes, all alike, by `length` in all. */
export function sparseMove(point: Float32Array, gradient: Float32Array, part: number, length: number): void {
  const moved = Math.min(gradient.length, Math.max(1, Math.round(part * gradient.length)));
  const least = Math.max(largestMagnitude(gradient, moved), Number.MIN_VALUE);
  let count = 0;
  for (let k = 0; k < gradient.length; k++) if (Math.abs(gradient[k]!) >= least) count++;
  if (count === 0) return;
  const each = length / count;
  for (let k = 0; k < gradient.length; k++) {
    const slope = gradient[k]!;
    if (slope >= least) point[k] = point[k]! - each;
    else if (slope <= -least) point[k] = point[k]! + each;
  }
}
