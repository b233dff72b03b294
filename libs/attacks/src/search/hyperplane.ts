import type { Bounds, NormName } from '@rampart/core';

/** A linear function: its value at a point, and its slopes. */
export interface Plane {
  readonly value: number;
  readonly slope: Float32Array;
}

// Kept from call to call: a step has no time to allocate.
let weights = new Float64Array(0);
let rooms = new Float64Array(0);

/**
 * Writes the shortest step from a point to the hyperplane where a linear function is 0, inside the bounds: the exact
 * minimiser of |d| subject to value + <slope, d> = 0 and lower <= point + d <= upper. Where the bounds leave no point of
 * the hyperplane, it is the step that comes nearest to it. O(features) operations are expected; nothing is sorted.
 * @param norm the norm to measure the step in
 * @param value the function's value at the point, of either sign
 * @param point inside the bounds
 * @returns the norm of the step
 * @see Croce and Hein (2020), "Minimally distorted adversarial examples with a fast adaptive boundary attack", section 2
 */
export function stepToPlane(
  norm: NormName,
  { value, slope }: Plane,
  point: Float32Array,
  bounds: Bounds,
  into: Float32Array,
): number {
  const size = point.length;
  if (weights.length < size) {
    weights = new Float64Array(size);
    rooms = new Float64Array(size);
  }
  const need = Math.abs(value);
  const sign = value < 0 ? -1 : 1;
  if (norm === 'l1') return greedyStep(need, sign, slope, point, bounds, into);
  return levelStep(norm === 'l2', need, sign, slope, point, bounds, into);
}

/**
 * In l2 and l-infinity the conditions of Karush, Kuhn and Tucker leave one unknown, the level t: a feature of slope w
 * moves by t |w| or by t, or by all of its room where that is less.
 */
function levelStep(
  euclidean: boolean,
  need: number,
  sign: number,
  slope: Float32Array,
  point: Float32Array,
  { lower, upper }: Bounds,
  into: Float32Array,
): number {
  const gains = weights;
  const limits = rooms;
  const size = point.length;
  let count = 0;
  let gain = 0;
  for (let i = 0; i < size; i++) {
    const w = sign * slope[i]!;
    const room = w > 0 ? point[i]! - lower[i]! : w < 0 ? upper[i]! - point[i]! : 0;
    if (room <= 0) continue;
    const weight = w < 0 ? -w : w;
    const each = euclidean ? weight * weight : weight;
    gains[count] = each;
    limits[count] = euclidean ? room / weight : room;
    gain += each;
    count++;
  }
  const level = levelOf(need, gain, count);
  let largest = 0;
  let squares = 0;
  for (let i = 0; i < size; i++) {
    const w = sign * slope[i]!;
    let move = 0;
    if (w > 0) {
      const room = point[i]! - lower[i]!;
      const wanted = euclidean ? level * w : level;
      move = wanted < room ? -wanted : -room;
      if (-move > largest) largest = -move;
    } else if (w < 0) {
      const room = upper[i]! - point[i]!;
      const wanted = euclidean ? -level * w : level;
      move = wanted < room ? wanted : room;
      if (move > largest) largest = move;
    }
    squares += move * move;
    into[i] = move;
  }
  return euclidean ? Math.sqrt(squares) : largest;
}

/**
 * The t at which the sum of gain x min(t, limit) comes up to `need`; Infinity where it never does. With a given set of
 * features at their limits t is the root of a line, and no more than the true one, so that the sets of successive roots
 * grow until one stays as it is.
 */
function levelOf(need: number, gain: number, count: number): number {
  const gains = weights;
  const limits = rooms;
  let left = need;
  for (;;) {
    if (!(gain > 0)) return Infinity;
    const level = left / gain;
    let kept = 0;
    gain = 0;
    for (let i = 0; i < count; i++) {
      const each = gains[i]!;
      const limit = limits[i]!;
      if (limit <= level) {
        left -= each * limit;
      } else {
        gains[kept] = each;
        limits[kept] = limit;
        gain += each;
        kept++;
      }
    }
    // Used up, but by rounding, it would send the level back.
    if (kept === count || left <= 0) return level;
    count = kept;
  }
}

/** In l1 the features of the largest slopes go as far as they can, and the last of them as far as is needed. */
function greedyStep(
  need: number,
  sign: number,
  slope: Float32Array,
  point: Float32Array,
  { lower, upper }: Bounds,
  into: Float32Array,
): number {
  const size = point.length;
  let count = 0;
  for (let i = 0; i < size; i++) {
    const w = sign * slope[i]!;
    const room = w > 0 ? point[i]! - lower[i]! : w < 0 ? upper[i]! - point[i]! : 0;
    if (room <= 0) continue;
    weights[count] = w < 0 ? -w : w;
    rooms[count] = room;
    count++;
  }
  const least = leastWeight(need, count);
  // What the features above it leave; those of just this weight share it in their order.
  let left = need;
  for (let k = 0; k < size; k++) {
    const w = sign * slope[k]!;
    if (w > least) left -= w * (point[k]! - lower[k]!);
    else if (-w > least) left -= -w * (upper[k]! - point[k]!);
  }
  let length = 0;
  for (let k = 0; k < size; k++) {
    const w = sign * slope[k]!;
    const weight = w < 0 ? -w : w;
    let move = 0;
    if (weight >= least && weight > 0) {
      move = w > 0 ? point[k]! - lower[k]! : upper[k]! - point[k]!;
      if (weight === least) {
        if (left <= 0) move = 0;
        else if (weight * move > left) move = left / weight;
        left -= weight * move;
      }
      length += move;
    }
    into[k] = w > 0 ? -move : move;
  }
  return length;
}

/**
 * The largest weight such that the features of at least this weight, at their full room, come up to `need`; 0 where all
 * of them do not. By halving as in quickselect: what is above a pivot is weighed, and one side is dropped.
 */
function leastWeight(need: number, count: number): number {
  let left = need;
  while (count > 0) {
    const pivot = weights[count >> 1]!;
    let above = 0;
    let alike = 0;
    for (let i = 0; i < count; i++) {
      const weight = weights[i]!;
      if (weight > pivot) above += weight * rooms[i]!;
      else if (weight === pivot) alike += weight * rooms[i]!;
    }
    if (above < left && above + alike >= left) return pivot;
    const higher = above >= left;
    if (!higher) left -= above + alike;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const weight = weights[i]!;
      if (higher ? weight > pivot : weight < pivot) {
        weights[kept] = weight;
        rooms[kept] = rooms[i]!;
        kept++;
      }
    }
    count = kept;
  }
  return 0;
}
