import { describeAttack, linearDistances } from '@rampart/testing';

import { fmn } from './fmn';

describeAttack(fmn, { params: { steps: 30 } });
describeAttack(fmn, { params: { norm: 'linf', steps: 80, restarts: 2 }, random: true });
describeAttack(fmn, { params: { norm: 'l1', steps: 20, restarts: 2 } });
describeAttack(fmn, { params: { norm: 'l0', steps: 30 } });

describe.each(['l2', 'linf', 'l1', 'l0'])('fmn on linear models in %s', (norm) => {
  it.each(['active', 'inactive'] as const)('finds the nearest example, with the box %s', async (box) => {
    for (const { found, exact } of await linearDistances(fmn, { norm }, box)) {
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      expect(found / exact).toBeLessThan(norm === 'l0' ? 1 + 1e-9 : 1.01);
    }
  });
});
