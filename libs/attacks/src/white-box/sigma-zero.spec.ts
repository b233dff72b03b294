import { describeAttack, linearDistances } from '@rampart/testing';

import { sigmaZero } from './sigma-zero';

describeAttack(sigmaZero, { params: { steps: 30 } });
describeAttack(sigmaZero, { params: { steps: 20, restarts: 2 } });

describe('sigma-zero on linear models', () => {
  it.each(['active', 'inactive'] as const)('changes as few features as possible, with the box %s', async (box) => {
    for (const { found, exact } of await linearDistances(sigmaZero, { steps: 300 }, box)) expect(found).toBe(exact);
  });
});
