import { describeAttack, linearDistances } from '@rampart/testing';

import { pdpgd } from './pdpgd';

describeAttack(pdpgd, { params: { steps: 30 } });
describeAttack(pdpgd, { params: { norm: 'linf', restarts: 2, steps: 80 }, random: true });
describeAttack(pdpgd, { params: { norm: 'l1', steps: 30 } });
describeAttack(pdpgd, { params: { norm: 'l0', steps: 200 } });

describe.each(['l2', 'linf', 'l1', 'l0'])('pdpgd on linear models in %s', (norm) => {
  it.each(['active', 'inactive'] as const)('finds the nearest example, with the box %s', async (box) => {
    for (const { found, exact } of await linearDistances(pdpgd, { norm, steps: 1500 }, box)) {
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      expect(found / exact).toBeLessThan(norm === 'l0' ? 1 + 1e-9 : 1.01);
    }
  });
});
