import { describeAttack, linearDistances } from '@rampart/testing';

import { cw } from './cw';

const quick = { searches: 3, steps: 20, learningRate: 0.1 };

describeAttack(cw, { params: { ...quick, constant: 1 } });
describeAttack(cw, { params: { ...quick, norm: 'linf' } });
describeAttack(cw, { params: { ...quick, norm: 'l0' } });

describe('cw on linear models', () => {
  // Distances here are small beside the default's steps. Of several boundaries it may settle at one that is not quite
  // the nearest.
  it.each([
    { norm: 'l2', learningRate: 0.002, most: 1.01, mostOfSeveral: 1.1 },
    { norm: 'linf', learningRate: 0.002, most: 1.01, mostOfSeveral: 1.1 },
    { norm: 'l0', learningRate: 0.01, most: 1, mostOfSeveral: 1 },
  ])('finds the nearest example in $norm', async ({ norm, learningRate, most, mostOfSeveral }) => {
    for (const box of ['active', 'inactive'] as const) {
      for (const { classes, found, exact } of await linearDistances(cw, { norm, learningRate }, box)) {
        expect(found / exact).toBeGreaterThan(1 - 1e-5);
        expect(found / exact).toBeLessThanOrEqual(classes === 2 ? most : mostOfSeveral);
      }
    }
  });
});
