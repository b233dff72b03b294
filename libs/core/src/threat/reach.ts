import type { Bounds } from './bounds';

/** How far a point is from its origin, of the features that may follow it at all. */
export interface Reach {
  /** Features that a projection may move; the first so many values of the arrays are theirs. */
  readonly count: number;
  /** |point - origin|, above 0. */
  readonly distances: Float64Array;
  /** |clipped point - origin|: as much of the distance as the bounds leave, above 0. */
  readonly moves: Float64Array;
}

// Kept from call to call: a projection has no time to allocate.
let distances = new Float64Array(0);
let moves = new Float64Array(0);

/** The reach of a point; valid until the next call, and its arrays may be written to. */
export function reachOf(point: Float32Array, origin: Float32Array, { lower, upper }: Bounds): Reach {
  const size = point.length;
  if (distances.length < size) {
    distances = new Float64Array(size);
    moves = new Float64Array(size);
  }
  let count = 0;
  for (let i = 0; i < size; i++) {
    const start = origin[i]!;
    const value = point[i]!;
    const low = lower[i]!;
    const high = upper[i]!;
    const move = Math.abs((value < low ? low : value > high ? high : value) - start);
    if (move === 0) continue;
    distances[count] = Math.abs(value - start);
    moves[count] = move;
    count++;
  }
  return { count, distances, moves };
}
