import type { Bounds } from './bounds';
import { clipToBounds } from './clip-to-bounds';
import { l1 } from './l1';
import type { Norm } from './norm';
import { largest } from './selection';

/**
 * The number of features that differ. It is no real norm: twice a change is as large as the change. A step of norm 1
 * is one feature moved by 1, and a ball of radius epsilon has room for floor(epsilon) features, moved as far as the
 * bounds allow.
 */
export const l0: Norm = {
  name: 'l0',

  distance(a, b, offset = 0, size = a.length - offset) {
    let count = 0;
    for (let i = offset; i < offset + size; i++) if (a[i] !== b[i]) count++;
    return count;
  },

  dual: l1.dual,

  steepest: l1.steepest,

  project,

  random(rng, into) {
    into.fill(0);
    if (into.length > 0) into[rng.integer(into.length)] = 2 * rng.uniform() - 1;
  },
};

// Room for one instance, kept from call to call: a projection has no time to allocate.
let gains = new Float64Array(0);
let ranked = new Float64Array(0);

/**
 * The features whose change brings the point nearest are kept, clipped to their bounds; the others go back to the
 * origin. Of two with the same gain the first is kept.
 */
function project(point: Float32Array, origin: Float32Array, epsilon: number, bounds: Bounds): void {
  const { lower, upper } = bounds;
  const size = point.length;
  if (gains.length < size) {
    gains = new Float64Array(size);
    ranked = new Float64Array(size);
  }
  let moving = 0;
  for (let i = 0; i < size; i++) {
    const start = origin[i]!;
    const value = point[i]!;
    const low = lower[i]!;
    const high = upper[i]!;
    const clipped = value < low ? low : value > high ? high : value;
    gains[i] = 0;
    if (clipped === start) continue;
    // (start - value)^2 - (clipped - value)^2
    const gain = (clipped - start) * (value - start + (value - clipped));
    // A NaN is kept, not hidden.
    gains[i] = ranked[moving++] = gain >= 0 ? gain : Infinity;
  }
  const most = Math.floor(epsilon);
  if (moving > most) {
    const least = most > 0 ? largest(ranked, moving, most) : Infinity;
    let ties = most;
    for (let i = 0; i < moving; i++) if (ranked[i]! > least) ties--;
    for (let i = 0; i < size; i++) {
      const gain = gains[i]!;
      const keep = gain > least || (gain === least && ties-- > 0);
      if (!keep) point[i] = origin[i]!;
    }
  }
  clipToBounds(point, bounds);
}
