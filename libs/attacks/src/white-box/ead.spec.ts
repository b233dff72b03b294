import { describeAttack, linearDistances } from '@rampart/testing';

import { ead } from './ead';

describeAttack(ead, { params: { searches: 3, steps: 20, learningRate: 0.1, constant: 1 } });
describeAttack(ead, { params: { searches: 3, steps: 20, learningRate: 0.1, constant: 1, accelerated: false } });

describe('ead on linear models', () => {
  // At the default's step length the Euclidean part of the loss counts too much.
  it.each(['active', 'inactive'] as const)('finds the nearest example with the box %s', async (box) => {
    for (const { classes, found, exact } of await linearDistances(ead, { learningRate: 0.003 }, box)) {
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      // Of several boundaries it may settle at one that is not the nearest.
      expect(found / exact).toBeLessThan(classes === 2 ? 1.01 : 1.3);
    }
  });
});
