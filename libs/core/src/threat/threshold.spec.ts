import { Rng } from '../rng';
import { threshold } from './threshold';

/** What is left of the items at this lambda. */
const left = (distances: Float64Array, moves: Float64Array, lambda: number): number =>
  distances.reduce((sum, distance, i) => sum + Math.min(Math.max(distance - lambda, 0), moves[i]!), 0);

describe('threshold', () => {
  const rng = Rng.root('threshold');
  const kinds: Record<string, () => { distance: number; move: number }> = {
    'nothing is clipped': () => {
      const distance = Math.abs(rng.normal()) + 1e-9;
      return { distance, move: distance };
    },
    'all is clipped': () => {
      const distance = Math.abs(rng.normal()) + 1e-9;
      return { distance, move: distance * rng.uniform() + 1e-12 };
    },
    'many are equal': () => ({ distance: 1 + rng.integer(3), move: rng.integer(2) === 0 ? 1 : 0.5 }),
    'few are large': () => {
      const distance = rng.uniform() ** 20 + 1e-9;
      return { distance, move: Math.min(distance, 0.1) };
    },
  };

  it.each(Object.keys(kinds))('leaves what it is asked to when %s', (kind) => {
    for (let trial = 0; trial < 60; trial++) {
      const count = [1, 2, 10, 511, 600, 3000][rng.integer(6)]!;
      const items = Array.from({ length: count }, kinds[kind]!);
      const distances = Float64Array.from(items, ({ distance }) => distance);
      const moves = Float64Array.from(items, ({ distance, move }) => Math.min(distance, move));
      const epsilon = left(distances, moves, 0) * (0.999 * rng.uniform() ** 3 + 1e-6);
      const lambda = threshold(distances.slice(), moves.slice(), count, epsilon);
      expect(Math.abs(left(distances, moves, lambda) - epsilon)).toBeLessThan(1e-9 * epsilon);
    }
  });

  it('does not write beyond the items it is given', () => {
    const distances = Float64Array.of(3, 2, 1, 7);
    const moves = Float64Array.of(3, 2, 1, 7);
    expect(threshold(distances, moves, 3, 3)).toBeCloseTo(1, 12);
    expect([distances[3], moves[3]]).toEqual([7, 7]);
  });
});
