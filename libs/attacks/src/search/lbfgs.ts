import type { Bounds } from '@rampart/core';

/** A function's value and gradient at a point. */
export interface Evaluation {
  readonly value: number;
  /** Kept as it is. */
  readonly gradient: Float64Array;
}

export interface MinimiseOptions {
  /** Evaluations, at the most. */
  readonly evaluations: number;
  /** The inverse of the curvature to begin with: about how far a step goes for a gradient of 1. */
  readonly scale: number;
  /** The part of the value that a step must lower it by, lest it be the last. */
  readonly progress: number;
}

/** Pairs of steps and changes of the gradient that the curvature is estimated from. */
const MEMORY = 8;

/** The part of the decrease that the slope promises which a step must bring (Armijo). */
const DECREASE = 1e-4;

/** Steps that are tried along a direction. */
const TRIALS = 12;

/**
 * Minimises a function inside bounds by projected L-BFGS: features at a bound that the gradient pushes against it stay
 * there, the others go along the quasi-Newton direction, clipped, as far as the value falls
 * enough. Returns what was said of the last point, the best.
 * @see Nocedal and Wright (2006), "Numerical optimization", algorithm 7.4; Bertsekas (1982), "Projected Newton methods",
 *   for the active set
 */
export async function minimise<E extends Evaluation>(
  evaluate: (point: Float32Array) => Promise<E>,
  start: Float32Array,
  bounds: Bounds,
  { evaluations, scale, progress }: MinimiseOptions,
): Promise<E> {
  const memory = new Curvature(start.length, scale);
  let point: Float32Array = start.slice();
  let here = await evaluate(point);
  for (let used = 1; used < evaluations;) {
    const direction = memory.direction(point, here.gradient, bounds);
    let next: Float32Array | undefined;
    let there = here;
    for (let trial = 0, length = 1; trial < TRIALS && used < evaluations; trial++, length /= 2) {
      const tried = along(point, direction, length, bounds);
      const promised = slopeAlong(here.gradient, point, tried);
      if (!(promised < 0)) break;
      used++;
      there = await evaluate(tried);
      if (there.value <= here.value + DECREASE * promised) {
        next = tried;
        break;
      }
    }
    if (!next) {
      // The estimate may be what is wrong.
      if (!memory.forget()) return here;
      continue;
    }
    const settled = here.value - there.value <= progress * Math.abs(here.value);
    memory.learn(point, next, here.gradient, there.gradient);
    point = next;
    here = there;
    if (settled) return here;
  }
  return here;
}

function along(point: Float32Array, direction: Float64Array, length: number, { lower, upper }: Bounds): Float32Array {
  const moved = new Float32Array(point.length);
  for (let k = 0; k < point.length; k++) {
    const value = point[k]! + length * direction[k]!;
    moved[k] = Math.min(Math.max(value, lower[k]!), upper[k]!);
  }
  return moved;
}

function slopeAlong(gradient: Float64Array, from: Float32Array, to: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < from.length; k++) sum += gradient[k]! * (to[k]! - from[k]!);
  return sum;
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
}

/** What L-BFGS knows of the curvature: the last few steps, and how the gradient changed along them. */
class Curvature {
  private pairs: Pair[] = [];
  private readonly result: Float64Array;

  constructor(
    size: number,
    private readonly scale: number,
  ) {
    this.result = new Float64Array(size);
  }

  /** Returns whether there was anything to forget. */
  forget(): boolean {
    const any = this.pairs.length > 0;
    this.pairs = [];
    return any;
  }

  learn(from: Float32Array, to: Float32Array, before: Float64Array, after: Float64Array): void {
    const step = Float64Array.from(to, (value, k) => value - from[k]!);
    const change = after.map((slope, k) => slope - before[k]!);
    // Where the function curves downwards there is no minimum to be estimated.
    if (!(dot(step, change) > 1e-10 * dot(change, change))) return;
    this.pairs.push({ step, change });
    if (this.pairs.length > MEMORY) this.pairs.shift();
  }

  /** The quasi-Newton direction of the features that are free to move: the two loops over the pairs. */
  direction(point: Float32Array, gradient: Float64Array, { lower, upper }: Bounds): Float64Array {
    const { result, pairs } = this;
    for (let k = 0; k < result.length; k++) {
      const slope = gradient[k]!;
      result[k] = (slope > 0 ? point[k]! > lower[k]! : point[k]! < upper[k]!) ? -slope : 0;
    }
    const free = result.map((value) => Number(value !== 0));
    const shares: number[] = [];
    for (let i = pairs.length - 1; i >= 0; i--) {
      const { step, change } = pairs[i]!;
      shares[i] = dot(step, result) / dot(step, change);
      add(result, change, -shares[i]!);
    }
    const last = pairs.at(-1);
    const scale = last ? dot(last.step, last.change) / dot(last.change, last.change) : this.scale;
    for (let k = 0; k < result.length; k++) result[k] = result[k]! * scale;
    pairs.forEach(({ step, change }, i) => add(result, step, shares[i]! - dot(change, result) / dot(step, change)));
    for (let k = 0; k < result.length; k++) result[k] = result[k]! * free[k]!;
    return result;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function add(to: Float64Array, values: Float64Array, weight: number): void {
  for (let k = 0; k < to.length; k++) to[k] = to[k]! + weight * values[k]!;
}
