import { Rng } from '../rng';
import { largest } from './selection';

describe('largest', () => {
  const rng = Rng.root('selection');

  it.each([
    ['different', () => rng.normal()],
    ['often equal', () => rng.integer(4)],
    ['all equal', () => 1],
    ['infinite, some of them', () => (rng.integer(3) === 0 ? Infinity : rng.uniform())],
  ])('is what sorting gives when values are %s', (_, value) => {
    for (let trial = 0; trial < 100; trial++) {
      const count = 1 + rng.integer(trial % 2 === 0 ? 50 : 5000);
      const values = Float64Array.from({ length: count + 3 }, value);
      const sorted = values.slice(0, count).sort().reverse();
      const rank = 1 + rng.integer(count);
      expect(largest(values, count, rank)).toBe(sorted[rank - 1]);
      expect(values.slice(0, count).sort().reverse()).toEqual(sorted);
    }
  });

  it.each(['ascending', 'descending'])('does not mind an %s order', (order) => {
    const values = Float64Array.from({ length: 100_000 }, (_, i) => (order === 'ascending' ? i : -i));
    const sorted = values.slice().sort().reverse();
    for (const rank of [1, 20, 50_000, 100_000]) expect(largest(values, 100_000, rank)).toBe(sorted[rank - 1]);
  });
});
