import type { Bounds } from './bounds';
import { clipToBounds } from './clip-to-bounds';
import type { Norm } from './norm';
import { type Reach, reachOf } from './reach';
import { trim } from './rounding';

/** The Euclidean norm. */
export const l2: Norm = {
  name: 'l2',

  distance(a, b, offset = 0, size = a.length - offset) {
    let sum = 0;
    for (let i = offset; i < offset + size; i++) {
      const moved = a[i]! - b[i]!;
      sum += moved * moved;
    }
    return Math.sqrt(sum);
  },

  dual: length,

  steepest(gradient, into) {
    const norm = length(gradient);
    for (let i = 0; i < gradient.length; i++) into[i] = norm === 0 ? 0 : (0 - gradient[i]!) / norm;
  },

  project,

  /** A normal vector has a uniform direction; the volume within a radius r is r^n of the ball's. */
  random(rng, into) {
    for (let i = 0; i < into.length; i++) into[i] = rng.normal();
    const radius = rng.uniform() ** (1 / into.length);
    const norm = length(into);
    for (let i = 0; i < into.length; i++) into[i] = norm === 0 ? 0 : (into[i]! / norm) * radius;
  },
};

function length(vector: Float32Array): number {
  return Math.sqrt(sumOfSquares(vector, vector.length));
}

function sumOfSquares(values: Float32Array | Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]! * values[i]!;
  return sum;
}

/**
 * The conditions of Karush, Kuhn and Tucker leave one unknown: the projection is origin + t (point - origin), clipped
 * to the bounds, with the t in [0, 1] that brings it to distance epsilon.
 */
function project(point: Float32Array, origin: Float32Array, epsilon: number, bounds: Bounds): void {
  const budget = epsilon * epsilon;
  const reach = reachOf(point, origin, bounds);
  if (!(sumOfSquares(reach.moves, reach.count) > budget)) {
    clipToBounds(point, bounds);
    return;
  }
  const t = scaleOf(reach, budget);
  const { lower, upper } = bounds;
  for (let i = 0; i < point.length; i++) {
    const start = origin[i]!;
    const value = start + t * (point[i]! - start);
    const low = lower[i]!;
    const high = upper[i]!;
    point[i] = value < low ? low : value > high ? high : value;
  }
  trim(point, origin, budget, 2, bounds);
}

/**
 * The t at which the squares of min(t distance, move) sum up to the budget. The more t grows the more features are at
 * their full move. With a given set of these t is the root of a quadratic, and no more than the true one, so the sets
 * of successive roots grow until one stays as it is.
 */
function scaleOf({ distances, moves, count }: Reach, budget: number): number {
  let left = budget;
  let free = sumOfSquares(distances, count);
  for (let t = Math.sqrt(left / free); ; t = Math.sqrt(left / free)) {
    let kept = 0;
    free = 0;
    for (let i = 0; i < count; i++) {
      const distance = distances[i]!;
      const move = moves[i]!;
      if (t * distance > move) {
        left -= move * move;
      } else {
        free += distance * distance;
        distances[kept] = distance;
        moves[kept] = move;
        kept++;
      }
    }
    // Only rounding can use up the budget, or leave no feature to use it.
    if (kept === count || kept === 0 || left <= 0) return t;
    count = kept;
  }
}
