import fc from 'fast-check';

import { Rng } from './rng';

const draws = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => rng.uniform());

/** Pearson's statistic of counts against equal expectations. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function histogram(values: Iterable<number>, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[value]! += 1;
  return counts;
}

/** The 0.1% and 99.9% points of chi-square with 99 degrees of freedom. */
const LEAST_99 = 60.0;
const MOST_99 = 148.2;

describe('Rng', () => {
  it('draws the same from the same seed, and else something different', () => {
    expect(draws(Rng.root(1), 20)).toEqual(draws(Rng.root(1), 20));
    expect(draws(Rng.root(1), 20)).not.toEqual(draws(Rng.root(2), 20));
  });

  it('gives children that depend on nothing but their names', () => {
    const early = draws(Rng.root(1).split('attack').split(7), 10);
    const parent = Rng.root(1);
    draws(parent, 100);
    draws(parent.split('training'), 100);
    const attack = parent.split('attack');
    draws(attack, 3);
    draws(attack.split(6), 50);
    expect(draws(attack.split(7), 10)).toEqual(early);
  });

  it('has a stream of its own for every path of names', () => {
    const names = fc.array(fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('a/b', 'a', 'b', '%2F', '/')), {
      maxLength: 3,
    });
    const child = (path: readonly string[]) => path.reduce((rng, name) => rng.split(name), Rng.root(0));
    fc.assert(
      fc.property(names, names, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(child(a).uniform() === child(b).uniform()).toBe(same);
      }),
      {
        seed: 6,
        numRuns: 500,
        examples: [
          [['a/b'], ['a', 'b']],
          [['%2F'], ['/']],
        ],
      },
    );
  });

  it('is uniform, also across the children of one parent', () => {
    const own = Rng.root('uniformity');
    const ofOne = histogram(
      draws(own, 20_000).map((value) => Math.floor(100 * value)),
      100,
    );
    const parent = Rng.root('children');
    const ofMany = histogram(
      Array.from({ length: 20_000 }, (_, i) => Math.floor(100 * parent.split(i).uniform())),
      100,
    );
    for (const counts of [ofOne, ofMany]) {
      expect(chiSquare(counts)).toBeGreaterThan(LEAST_99);
      expect(chiSquare(counts)).toBeLessThan(MOST_99);
    }
  });

  it('does not repeat a child in its sibling', () => {
    const parent = Rng.root(3);
    const [a, b] = [draws(parent.split(0), 5000), draws(parent.split(1), 5000)];
    const correlation = a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i]! - 0.5), 0) / 5000 / (1 / 12);
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(5000));
  });

  it('draws whole numbers uniformly below their bound', () => {
    const rng = Rng.root('integers');
    const counts = histogram(
      Array.from({ length: 20_000 }, () => rng.integer(100)),
      100,
    );
    expect(chiSquare(counts)).toBeGreaterThan(LEAST_99);
    expect(chiSquare(counts)).toBeLessThan(MOST_99);
    expect(rng.integer(1)).toBe(0);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses to draw below %d', (below) => {
    expect(() => Rng.root(1).integer(below)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('draws normal values: mean 0, variance 1, and as many in the tails as there should be', () => {
    const rng = Rng.root('normal');
    const values = Array.from({ length: 20_000 }, () => rng.normal());
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(20_000));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 20_000));
    const beyond = values.filter((x) => Math.abs(x) > 1.959964).length / values.length;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 20_000));
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('permutes: every index once, every order as often as the others', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(), (count, seed) => {
        expect(Rng.root(seed).permutation(count).toSorted()).toEqual(Int32Array.from({ length: count }, (_, i) => i));
      }),
      { seed: 9 },
    );
    const orders = new Map<string, number>();
    const rng = Rng.root('orders');
    for (let i = 0; i < 24_000; i++) {
      const order = rng.permutation(4).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    // The 0.1% and 99.9% points for 23 degrees of freedom.
    expect(chiSquare([...orders.values()])).toBeGreaterThan(7.5);
    expect(chiSquare([...orders.values()])).toBeLessThan(49.7);
  });
});
