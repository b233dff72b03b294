import type { Bounds } from './bounds';
import type { Norm } from './norm';
import { stepToward } from './rounding';

/** The largest change of a feature. Its ball is a box, so that to project is to clip. */
export const linf: Norm = {
  name: 'linf',

  distance(a, b, offset = 0, size = a.length - offset) {
    let largest = 0;
    for (let i = offset; i < offset + size; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
    return largest;
  },

  dual(gradient) {
    let sum = 0;
    for (let i = 0; i < gradient.length; i++) sum += Math.abs(gradient[i]!);
    return sum;
  },

  steepest(gradient, into) {
    for (let i = 0; i < gradient.length; i++) into[i] = gradient[i]! > 0 ? -1 : gradient[i]! < 0 ? 1 : 0;
  },

  project,

  random(rng, into) {
    for (let i = 0; i < into.length; i++) into[i] = 2 * rng.uniform() - 1;
  },
};

function project(point: Float32Array, origin: Float32Array, epsilon: number, { lower, upper }: Bounds): void {
  for (let i = 0; i < point.length; i++) {
    const start = origin[i]!;
    let value = point[i]!;
    if (value < lower[i]!) value = lower[i]!;
    else if (value > upper[i]!) value = upper[i]!;
    const moved = value - start;
    if (moved > epsilon) {
      value = Math.fround(start + epsilon);
      if (value - start > epsilon) value = stepToward(value, start);
    } else if (moved < -epsilon) {
      value = Math.fround(start - epsilon);
      if (start - value > epsilon) value = stepToward(value, start);
    }
    point[i] = value;
  }
}
