import { describeAttack, linearDistances } from '@rampart/testing';

import { ead } from './ead';

describeAttack(ead, { params: { searches: 3, steps: 20, learningRate: 0.1, constant: 1 } });
describeAttack(ead, { params: { searches: 3, steps: 20, learningRate: 0.1, constant: 1, accelerated: false } });

describe('ead on linear models', () => {
  it.each(['active', 'inactive'] as const)('finds the nearest example with the box %s', async (box) => {
    for (const { classes, found, exact } of await linearDistances(ead, {}, box)) {
      console.log(box, classes, found / exact);
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      // expect(found / exact).toBeLessThanOrEqual(classes === 2 ? 1.01 : 1.1);
    }
  });
});
