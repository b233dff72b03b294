import { describeAttack, linearDistances } from '@rampart/testing';

import { ddn } from './ddn';

describeAttack(ddn, { params: { steps: 30 } });
describeAttack(ddn, { params: { steps: 80, restarts: 2 }, random: true });

describe('ddn on linear models', () => {
  it.each(['active', 'inactive'] as const)('finds the nearest example, with the box %s', async (box) => {
    for (const { found, exact } of await linearDistances(ddn, {}, box)) {
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      expect(found / exact).toBeLessThan(1.01);
    }
  });
});
