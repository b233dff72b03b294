import type { AttackInstance } from '@rampart/core';

import { searchSegment } from './segment';

/** Where a search asks, on the segment from 0 to 1, about a margin that depends on the place. */
async function asked(margin: (t: number) => number, steps: number): Promise<number[]> {
  const places: number[] = [];
  const instance = {
    features: 1,
    margin: async (point: Float32Array) => {
      places.push(point[0]!);
      return margin(point[0]!);
    },
  } as Partial<AttackInstance> as AttackInstance;
  const end = (t: number) => ({ point: Float32Array.of(t), margin: margin(t) });
  await searchSegment(instance, end(0), end(1), steps);
  return places;
}

describe('searchSegment', () => {
  it('lands just beyond the boundary of a linear margin', async () => {
    const [first, ...rest] = await asked((t) => 0.7 - t, 3);
    expect(first).toBeGreaterThan(0.7);
    expect(first).toBeLessThan(0.71);
    for (const place of rest) expect(Math.abs(place - 0.7)).toBeLessThan(0.01);
  });

  it('closes in on the boundary of a bent one, from either side', async () => {
    for (const bend of [0.5, 2]) {
      const places = await asked((t) => 0.6 ** bend - t ** bend, 8);
      expect(Math.abs(places.at(-1)! - 0.6)).toBeLessThan(0.02);
    }
  });

  it('halves where margins are not finite', async () => {
    expect((await asked((t) => (t > 0.4 ? -Infinity : Infinity), 3)).map((t) => Math.fround(t))).toEqual(
      [0.5, 0.25, 0.375].map(Math.fround),
    );
  });
});
