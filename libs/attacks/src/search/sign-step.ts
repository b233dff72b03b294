import type { AttackedInstance, Bounds } from '@rampart/core';

/** The box that the ball of l-infinity and the bounds have in common. */
export function commonBox({ original, epsilon, bounds: { lower, upper }, features }: AttackedInstance): Bounds {
  const low = new Float32Array(features);
  const high = new Float32Array(features);
  for (let k = 0; k < features; k++) {
    low[k] = Math.max(lower[k]!, original[k]! - epsilon);
    high[k] = Math.min(upper[k]!, original[k]! + epsilon);
  }
  return { lower: low, upper: high };
}

/**
 * Moves every feature by `length` against the sign of its slope and clips it to the box, in one pass over the memory.
 * Half of the signs are either way, and so is whether a feature is at its bound: branches would be mispredicted all the
 * time. So the signs are taken from the slopes' bits, and the value nearest to x in [l, h] is
 * (|x - l| - |x - h| + l + h) / 2, which in float64 is exact for bounds of float32.
 */
export function signStep(point: Float32Array, gradient: Float32Array, length: number, { lower, upper }: Bounds): void {
  const bits = bitsOf(gradient);
  for (let k = 0; k < point.length; k++) {
    const slope = bits[k]!;
    const moved = point[k]! - length * ((slope >> 31) - (-slope >> 31));
    const low = lower[k]!;
    const high = upper[k]!;
    point[k] = 0.5 * (Math.abs(moved - low) - Math.abs(moved - high) + low + high);
  }
}

/**
 * The step with momentum of APGD (Croce and Hein 2020, equations 4 and 5) from `point`, after a step from `previous`
 * that led there: the step that `signStep` makes counts by `weight`, the one before by the rest.
 */
export function momentumStep(
  next: Float32Array,
  { point, previous, gradient }: Readonly<Record<'point' | 'previous' | 'gradient', Float32Array>>,
  length: number,
  weight: number,
  { lower, upper }: Bounds,
): void {
  const bits = bitsOf(gradient);
  const rest = 1 - weight;
  for (let k = 0; k < next.length; k++) {
    const slope = bits[k]!;
    const low = lower[k]!;
    const high = upper[k]!;
    const here = point[k]!;
    const stepped = here - length * ((slope >> 31) - (-slope >> 31));
    const there = 0.5 * (Math.abs(stepped - low) - Math.abs(stepped - high) + low + high);
    const moved = here + weight * (there - here) + rest * (here - previous[k]!);
    next[k] = 0.5 * (Math.abs(moved - low) - Math.abs(moved - high) + low + high);
  }
}

function bitsOf(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}
