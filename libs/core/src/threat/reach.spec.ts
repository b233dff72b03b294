import { reachOf } from './reach';

describe('reachOf', () => {
  const bounds = { lower: new Float32Array(5), upper: new Float32Array(5).fill(1) };

  it('has what may move, and how far', () => {
    // Beyond a bound, held by one, inside, not moved, moved inwards from a bound.
    const origin = Float32Array.of(0.5, 0, 0.5, 0.25, 1);
    const point = Float32Array.of(2, -3, 0.25, 0.25, 0.5);
    const { count, distances, moves } = reachOf(point, origin, bounds);
    expect([...distances.subarray(0, count)]).toEqual([1.5, 0.25, 0.5]);
    expect([...moves.subarray(0, count)]).toEqual([0.5, 0.25, 0.5]);
  });
});
