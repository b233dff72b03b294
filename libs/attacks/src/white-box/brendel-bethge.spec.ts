import { describeAttack, linearDistances } from '@rampart/testing';

import { brendelBethge } from './brendel-bethge';

describeAttack(brendelBethge, { params: { steps: 20 } });
describeAttack(brendelBethge, { params: { norm: 'linf', restarts: 2, steps: 20 }, random: true });
describeAttack(brendelBethge, { params: { norm: 'l1', steps: 20 } });
describeAttack(brendelBethge, { params: { norm: 'l0', steps: 20 } });

describe.each(['l2', 'linf', 'l1', 'l0'])('brendel-bethge on linear models in %s', (norm) => {
  it.each(['active', 'inactive'] as const)('finds the nearest example, with the box %s', async (box) => {
    for (const { found, exact } of await linearDistances(brendelBethge, { norm }, box)) {
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      expect(found / exact).toBeLessThan(norm === 'l0' ? 1 + 1e-9 : 1.01);
    }
  });
});
