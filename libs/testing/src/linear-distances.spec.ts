import { defineAttack } from '@rampart/core';
import { z } from 'zod';

import { linearDistances } from './linear-distances';

/** Asks about points drawn at random, which are farther away than the nearest example, wherever they evade. */
const guess = defineAttack({
  name: 'guess',
  summary: 'Random points.',
  source: 'A test',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2', 'linf', 'l1', 'l0'],
  params: z.object({}),
  each: () => async (instance) => {
    const point = new Float32Array(instance.features);
    for (let trial = 0; trial < 2000; trial++) {
      instance.norm.random(instance.rng, point);
      const length = 3 * instance.rng.uniform();
      for (let k = 0; k < point.length; k++) point[k] = instance.original[k]! + length * point[k]!;
      instance.norm.project(point, instance.original, Infinity, instance.bounds);
      await instance.margin(point);
    }
  },
});

describe('linearDistances', () => {
  it.each(['l2', 'linf', 'l1', 'l0'])('is a lower bound of what can be found in %s', async (norm) => {
    for (const box of ['active', 'inactive'] as const) {
      const distances = await linearDistances(guess, { norm }, box);
      expect(distances.map(({ classes }) => classes)).toEqual([2, 3, 2, 3, 2, 3]);
      for (const { found, exact } of distances) {
        expect(exact).toBeGreaterThan(0);
        expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-5));
      }
    }
  });
});
