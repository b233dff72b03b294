import { type AttackInstance, NORMS } from '@rampart/core';

import { nearestPlaneAt } from './nearest-plane';

/** Boundaries at distances 2, 1 and, where nothing can move, nowhere; the second is out of reach inside the bounds. */
const planes = [
  { loss: 2, gradient: Float32Array.of(1, 0) },
  { loss: 1, gradient: Float32Array.of(0, 1) },
  { loss: 0.1, gradient: Float32Array.of(0, 0) },
];
const instance = {
  norm: NORMS.l2,
  gradient: async (_point: Float32Array, _loss: string, rival: number) => ({
    ...planes[rival]!,
    margin: 0.1,
    logits: new Float32Array(3),
  }),
} as unknown as AttackInstance;
const point = new Float32Array(2);
const rivals = Int32Array.of(0, 1, 2);

describe('nearestPlaneAt', () => {
  it('is the boundary of the least distance; one without a slope has none', async () => {
    expect((await nearestPlaneAt(instance, point, rivals)).value).toBe(1);
  });

  it('looks at the way there inside bounds, where there are any', async () => {
    const bounds = { lower: Float32Array.of(-5, -5), upper: Float32Array.of(5, 5) };
    expect((await nearestPlaneAt(instance, point, rivals, bounds)).value).toBe(1);
    // Both features are needed for a plane through them; here only the first may move far.
    const both = [
      { loss: 2, gradient: Float32Array.of(1, 0) },
      { loss: 2.5, gradient: Float32Array.of(0.2, 2) },
    ];
    const tight = { lower: Float32Array.of(-20, -1), upper: Float32Array.of(20, 1) };
    const other = {
      ...instance,
      gradient: async (_p: unknown, _l: unknown, rival: number) => ({ ...both[rival]!, margin: 1 }),
    };
    const nearest = (inside?: typeof tight) =>
      nearestPlaneAt(other as unknown as AttackInstance, point, Int32Array.of(0, 1), inside);
    expect((await nearest()).value).toBe(2.5);
    expect((await nearest(tight)).value).toBe(2);
  });
});
