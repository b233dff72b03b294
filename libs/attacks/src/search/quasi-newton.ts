import type { Bounds } from '@rampart/core';

/** Value and slope of a function at a point; the slope may be kept. */
export interface Evaluated {
  readonly value: number;
  readonly slope: Float64Array;
}

export interface QuasiNewtonOptions {
  /** Steps, at the most. */
  readonly steps: number;
  /** Steps that the curvature is learnt from. */
  readonly memory: number;
}

/** The part of the fall that its slope promises which a step must bring (Armijo's condition). */
const SUFFICIENT = 1e-4;
/** Halvings of a step that does not bring it. */
const HALVINGS = 12;

/**
 * Minimises a function inside bounds by L-BFGS with projection (Nocedal and Wright 2006, algorithm 7.4): a direction of
 * the features that are free to move, a line search along its projection. Ends where no step brings enough.
 * @param point where to start; moved to the lowest point found
 */
export async function minimise(
  point: Float32Array,
  { lower, upper }: Bounds,
  evaluate: (point: Float32Array) => Promise<Evaluated>,
  { steps, memory }: QuasiNewtonOptions,
): Promise<void> {
  const size = point.length;
  let here = await evaluate(point);
  let pairs: Pair[] = [];
  for (let step = 0; step < steps; step++) {
    const direction = Float64Array.from(here.slope, (slope, k) =>
      isHeld(point[k]!, slope, lower[k]!, upper[k]!) ? 0 : -slope,
    );
    if (pairs.length > 0) applyInverse(direction, pairs);
    else scale(direction);
    const next = new Float32Array(size);
    let reached: Evaluated | undefined;
    for (let halving = 0, length = 1; halving < HALVINGS && !reached; halving++, length /= 2) {
      let promised = 0;
      for (let k = 0; k < size; k++) {
        const held = isHeld(point[k]!, here.slope[k]!, lower[k]!, upper[k]!);
        const moved = held ? point[k]! : point[k]! + length * direction[k]!;
        next[k] = Math.min(upper[k]!, Math.max(lower[k]!, moved));
        promised += here.slope[k]! * (next[k]! - point[k]!);
      }
      if (!(promised < 0)) break;
      const tried = await evaluate(next);
      if (tried.value <= here.value + SUFFICIENT * promised) reached = tried;
    }
    if (!reached) {
      // What was learnt of the curvature may mislead: once more along the slope itself.
      if (pairs.length === 0) return;
      pairs = [];
      continue;
    }
    const pair = pairOf(point, next, here.slope, reached.slope);
    if (pair) pairs = [...pairs.slice(1 - memory), pair];
    point.set(next);
    here = reached;
  }
}

/** A step and what the slope changed by along it. */
interface Pair {
  readonly moved: Float64Array;
  readonly bent: Float64Array;
  /** 1 / <moved, bent> */
  readonly rho: number;
}

function pairOf(from: Float32Array, to: Float32Array, before: Float64Array, after: Float64Array): Pair | undefined {
  const moved = Float64Array.from(to, (value, k) => value - from[k]!);
  const bent = after.map((value, k) => value - before[k]!);
  const product = dot(moved, bent);
  return product > 1e-12 * dot(bent, bent) ? { moved, bent, rho: 1 / product } : undefined;
}

/** Multiplies a vector by the inverse of what is known of the curvature, by two loops over the pairs. */
function applyInverse(vector: Float64Array, pairs: readonly Pair[]): void {
  const weights = new Float64Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { moved, bent, rho } = pairs[i]!;
    weights[i] = rho * dot(moved, vector);
    add(vector, bent, -weights[i]!);
  }
  const { bent, rho } = pairs.at(-1)!;
  const first = 1 / (rho * dot(bent, bent));
  for (let k = 0; k < vector.length; k++) vector[k]! *= first;
  for (const [i, pair] of pairs.entries()) add(vector, pair.moved, weights[i]! - pair.rho * dot(pair.bent, vector));
}

/** The first step has no scale of its own: a tenth of a unit, in all. */
function scale(direction: Float64Array): void {
  const size = Math.sqrt(dot(direction, direction));
  if (size > 0) for (let k = 0; k < direction.length; k++) direction[k]! *= 0.1 / size;
}

/** Whether a feature is at a bound that its slope pushes it against. */
function isHeld(value: number, slope: number, low: number, high: number): boolean {
  return (value <= low && slope >= 0) || (value >= high && slope <= 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function add(to: Float64Array, vector: Float64Array, times: number): void {
  for (let k = 0; k < to.length; k++) to[k]! += times * vector[k]!;
}
