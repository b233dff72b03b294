import type { Bounds } from './bounds';
import { clipToBounds } from './clip-to-bounds';
import type { Norm } from './norm';
import { reachOf } from './reach';
import { trim } from './rounding';
import { threshold } from './threshold';

/** The sum of all changes. */
export const l1: Norm = {
  name: 'l1',

  distance(a, b, offset = 0, size = a.length - offset) {
    let sum = 0;
    for (let i = offset; i < offset + size; i++) sum += Math.abs(a[i]! - b[i]!);
    return sum;
  },

  dual(gradient) {
    let largest = 0;
    for (let i = 0; i < gradient.length; i++) largest = Math.max(largest, Math.abs(gradient[i]!));
    return largest;
  },

  /** One feature, the lowest of those with the largest slope. */
  steepest(gradient, into) {
    let feature = 0;
    let largest = 0;
    for (let i = 0; i < gradient.length; i++) {
      const slope = Math.abs(gradient[i]!);
      if (slope > largest) {
        largest = slope;
        feature = i;
      }
    }
    const step = -Math.sign(gradient[feature] ?? 0);
    into.fill(0);
    if (largest > 0) into[feature] = step;
  },

  project,

  /** Exponential variables, divided by their sum with one more, are uniform in the simplex below 1. */
  random(rng, into) {
    let sum = -Math.log(1 - rng.uniform());
    for (let i = 0; i < into.length; i++) {
      // The half that a uniform variable falls into makes the sign, its place in there the magnitude.
      const twice = 2 * rng.uniform();
      const exponential = -Math.log(1 - (twice % 1));
      sum += exponential;
      into[i] = twice < 1 ? exponential : -exponential;
    }
    for (let i = 0; i < into.length; i++) into[i] = into[i]! / sum;
  },
};

/**
 * The conditions of Karush, Kuhn and Tucker leave one unknown: the projection is the point, moved towards the origin by
 * lambda (as far as the origin at most) and clipped to the bounds, with the lambda that brings it to distance epsilon.
 * @see Croce and Hein (2021), "Mind the box: l1-APGD for sparse adversarial attacks on image classifiers", section 2
 */
function project(point: Float32Array, origin: Float32Array, epsilon: number, bounds: Bounds): void {
  const { count, distances, moves } = reachOf(point, origin, bounds);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += moves[i]!;
  if (!(sum > epsilon)) {
    clipToBounds(point, bounds);
    return;
  }
  const lambda = threshold(distances, moves, count, epsilon);
  const { lower, upper } = bounds;
  for (let i = 0; i < point.length; i++) {
    const start = origin[i]!;
    const value = point[i]!;
    const away = value - start;
    const nearer = away > lambda ? value - lambda : away < -lambda ? value + lambda : start;
    const low = lower[i]!;
    const high = upper[i]!;
    point[i] = nearer < low ? low : nearer > high ? high : nearer;
  }
  trim(point, origin, epsilon, 1, bounds);
}
