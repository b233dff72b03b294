import { describeAttack, linearDistances } from '@rampart/testing';

import { lbfgs } from './lbfgs';

describeAttack(lbfgs, { params: { searches: 4, steps: 10, constant: 1 } });

describe('lbfgs on linear models', () => {
  it.each(['active', 'inactive'] as const)('finds the nearest example with the box %s', async (box) => {
    for (const { classes, found, exact } of await linearDistances(lbfgs, {}, box)) {
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      // Of several boundaries it may settle at one that is not quite the nearest.
      expect(found / exact).toBeLessThan(classes === 2 ? 1.01 : 1.1);
    }
  });
});
