import { type AttackInstance, NORMS } from '@rampart/core';

import { farthest } from './farthest';

test('the farthest point is a corner of the bounds', () => {
  const instance = (norm: keyof typeof NORMS) =>
    ({
      original: Float32Array.of(0.25, 0.5, 1),
      bounds: { lower: Float32Array.of(0, 0.5, 0), upper: Float32Array.of(1, 0.5, 1) },
      norm: NORMS[norm],
    }) as unknown as AttackInstance;
  expect(farthest(instance('linf'))).toBe(1);
  expect(farthest(instance('l1'))).toBe(1.75);
  expect(farthest(instance('l2'))).toBe(1.25);
  expect(farthest(instance('l0'))).toBe(2);
});
