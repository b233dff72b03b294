import { describeAttack, linearDistances } from '@rampart/testing';

import { pdgd } from './pdgd';

describeAttack(pdgd, { params: { restarts: 2, steps: 80 }, random: true });

describe.each(['l2'])('pdgd on linear models in %s', (norm) => {
  it.each(['active', 'inactive'] as const)('finds the nearest example, with the box %s', async (box) => {
    for (const { found, exact } of await linearDistances(pdgd, { norm }, box)) {
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      expect(found / exact).toBeLessThan(norm === 'l0' ? 1 + 1e-9 : 1.01);
    }
  });
});
