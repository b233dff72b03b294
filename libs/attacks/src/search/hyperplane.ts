import type { Bounds, Norm } from '@rampart/core';

/** A linear function: its value at a point, and its slopes. */
export interface Plane {
  readonly value: number;
  readonly slope: Float32Array;
}

/**
 * A shortest step to a hyperplane, as a rule for every feature. One of slope w moves against `sign` w, or not at all where
 * w is 0; it has the room r up to its bound on that side, and moves by
 * - linf: min(level, r)
 * - l2: min(level |w|, r)
 * - l1: r where |w| > level, share x r where |w| = level, else 0
 */
export interface PlaneStep {
  level: number;
  share: number;
  sign: number;
  /** The norm of the step. */
  length: number;
}

/** Added to |w| in w / |w|, so that the sign of 0 is 0; the least float32 is far larger. */
export const TINY = 1e-200;

/** How many times a level is too large for the sums that it is part of to be exact. */
const BEYOND = 1e7;

// Kept from call to call: a step has no time to allocate.
let gainSpace = new Float64Array(0);
let limitSpace = new Float64Array(0);

/** A step to begin with: see `solvePlane`. */
export function planeStep(): PlaneStep {
  return { level: 0, share: 0, sign: 1, length: 0 };
}

/**
 * Finds the shortest step from a point to the hyperplane where a linear function is 0, inside the bounds: the exact
 * minimiser of |d| subject to value + <slope, d> = 0 and lower <= point + d <= upper. Where the bounds leave no point of
 * the hyperplane, it is the step that comes nearest to it. O(features) operations are expected; nothing is sorted.
 *
 * Signs and limits of features are as good as random, and a branch that is mispredicted costs more than all that it
 * saves: so comparisons are numbers here, 0 or 1, to multiply with.
 * @param norm linf, l2 or l1
 * @param plane its value is that at the point, of either sign
 * @param point inside the bounds
 * @param step is overwritten; the level that it has, as that of a similar step, is where the search begins
 * @see Croce and Hein (2020), "Minimally distorted adversarial examples with a fast adaptive boundary attack", section 2
 */
export function solvePlane(norm: Norm, plane: Plane, point: Float32Array, bounds: Bounds, step: PlaneStep): void {
  if (gainSpace.length < point.length) {
    gainSpace = new Float64Array(point.length);
    limitSpace = new Float64Array(point.length);
  }
  step.sign = plane.value < 0 ? -1 : 1;
  if (norm.name === 'l1') solveGreedily(plane, point, bounds, step);
  else solveLevel(norm.name === 'l2', plane, point, bounds, step);
}

/**
 * Writes the shortest step from a point to a hyperplane: see `solvePlane`.
 * @returns its norm
 */
export function stepToPlane(norm: Norm, plane: Plane, point: Float32Array, bounds: Bounds, into: Float32Array): number {
  const step = planeStep();
  solvePlane(norm, plane, point, bounds, step);
  const { lower, upper } = bounds;
  const { slope } = plane;
  const { level, share, sign, length } = step;
  for (let i = 0; i < into.length; i++) {
    const w = sign * slope[i]!;
    const weight = Math.abs(w);
    const direction = -w / (weight + TINY);
    const room = direction > 0 ? upper[i]! - point[i]! : point[i]! - lower[i]!;
    if (norm.name === 'l1') into[i] = direction * room * (Number(weight > level) + share * Number(weight === level));
    else into[i] = direction * Math.min(room, norm.name === 'l2' ? level * weight : level);
  }
  return length;
}

/** In l2 and l-infinity the conditions of Karush, Kuhn and Tucker leave the level as the one unknown. */
function solveLevel(
  euclidean: boolean,
  { value, slope }: Plane,
  point: Float32Array,
  { lower, upper }: Bounds,
  step: PlaneStep,
): void {
  const gains = gainSpace;
  const limits = limitSpace;
  const { sign, level: guess } = step;
  let count = 0;
  let gain = 0;
  let freeGain = 0;
  let taken = 0;
  for (let i = 0; i < point.length; i++) {
    const w = slope[i]!;
    const room = roomOf(point[i]!, lower[i]!, upper[i]!, sign * w);
    const weight = Math.abs(w);
    const each = euclidean ? weight * weight : weight;
    const limit = euclidean ? room / weight : room;
    const moves = Number(each * room > 0);
    const free = Number(limit > guess);
    gains[count] = each;
    limits[count] = limit;
    gain += moves * each;
    freeGain += moves * free * each;
    taken += (1 - free) * weight * room;
    count += moves;
  }
  const need = Math.abs(value);
  // The root of the tangent at the guess, and of that at 0.
  const first = Math.max(need / gain, freeGain > 0 ? (need - taken) / freeGain : 0);
  fill(euclidean, need, first, gain > 0 ? count : 0, step);
  if (!(step.level < BEYOND * first)) step.level = Math.min(step.level, farLevel(euclidean, slope, lower, upper));
}

/** A level at which all features, but those of next to no slope, are at their limits. */
function farLevel(euclidean: boolean, slope: Float32Array, lower: Float32Array, upper: Float32Array): number {
  let width = 0;
  let steepest = 0;
  for (let i = 0; i < slope.length; i++) {
    width = Math.max(width, upper[i]! - lower[i]!);
    steepest = Math.max(steepest, Math.abs(slope[i]!));
  }
  return (BEYOND * width) / (euclidean ? Math.max(steepest, TINY) : 1);
}

/** The room that a feature has on the side that a function of slope w, of no matter what size, falls to. */
function roomOf(x: number, low: number, high: number, w: number): number {
  const down = Number(w > 0);
  return down * (x - low) + (1 - down) * (high - x);
}

/** Levels as near to each other as this are one: the steps are rounded to float32. */
const SAME = 1 + 1e-8;

/**
 * Finds the level at which the sum of gain x min(level, limit) comes up to `need`; Infinity where it never does. As the
 * sum is concave, the root of its tangent at any level is no more than the true one, so that features at their limits
 * there are at their limits for good: without them the next root is nearer.
 */
function fill(euclidean: boolean, need: number, first: number, count: number, step: PlaneStep): void {
  const gains = gainSpace;
  const limits = limitSpace;
  let level = first;
  let left = need;
  let squares = 0;
  let farthest = 0;
  let gain = 0;
  while (count > 0) {
    let kept = 0;
    gain = 0;
    for (let i = 0; i < count; i++) {
      const each = gains[i]!;
      const limit = limits[i]!;
      const free = Number(limit > level);
      const full = (1 - free) * limit;
      gains[kept] = each;
      limits[kept] = limit;
      left -= each * full;
      squares += each * full * full;
      gain += free * each;
      kept += free;
      if (full > farthest) farthest = full;
    }
    if (kept === count) break;
    count = kept;
    // Used up, but by rounding, it would send the level back.
    const next = Math.max(level, left / gain);
    if (!(next > level * SAME)) break;
    level = next;
  }
  step.level = count > 0 ? level : Infinity;
  if (euclidean) step.length = Math.sqrt(squares + (count > 0 ? gain * level * level : 0));
  else step.length = count > 0 ? level : farthest;
}

/** In l1 the features of the largest slopes go as far as they can, and those of the last such slope in part. */
function solveGreedily({ value, slope }: Plane, point: Float32Array, { lower, upper }: Bounds, step: PlaneStep): void {
  const gains = gainSpace;
  const limits = limitSpace;
  const { sign } = step;
  let count = 0;
  let most = 0;
  let rooms = 0;
  for (let i = 0; i < point.length; i++) {
    const w = slope[i]!;
    const room = roomOf(point[i]!, lower[i]!, upper[i]!, sign * w);
    const weight = Math.abs(w);
    const reach = weight * room;
    const moves = Number(reach > 0);
    gains[count] = reach;
    limits[count] = weight;
    most += reach;
    rooms += moves * room;
    count += moves;
  }
  const need = Math.abs(value);
  if (need < most) return select(need, count, step);
  step.level = 0;
  step.share = 0;
  step.length = rooms;
}

/**
 * Finds the largest slope such that the features of at least this slope come up to `need`, as all together do. By halving
 * as in quickselect: what is above a pivot is added up, and one side is dropped.
 */
function select(need: number, count: number, step: PlaneStep): void {
  const gains = gainSpace;
  const limits = limitSpace;
  let left = need;
  let length = 0;
  // Where rounding leaves nothing over, the last pivot is as near.
  while (count > 0) {
    const pivot = limits[count >> 1]!;
    let above = 0;
    let alike = 0;
    let aboveLength = 0;
    for (let i = 0; i < count; i++) {
      const weight = limits[i]!;
      const reach = gains[i]!;
      const higher = Number(weight > pivot);
      above += higher * reach;
      aboveLength += (higher * reach) / weight;
      alike += Number(weight === pivot) * reach;
    }
    step.level = pivot;
    if (above <= left && above + alike >= left) {
      step.share = alike > 0 ? (left - above) / alike : 0;
      step.length = length + aboveLength + (left - above) / pivot;
      return;
    }
    const higher = Number(above > left);
    if (higher === 0) {
      left -= above + alike;
      length += aboveLength + alike / pivot;
    }
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const weight = limits[i]!;
      limits[kept] = weight;
      gains[kept] = gains[i]!;
      kept += higher * Number(weight > pivot) + (1 - higher) * Number(weight < pivot);
    }
    count = kept;
  }
  step.share = 1;
  step.length = length;
}
