import { describeAttack, linearDistances } from '@rampart/testing';

import { fab } from './fab';

describeAttack(fab, { params: { steps: 8 } });
describeAttack(fab, { params: { norm: 'l2', restarts: 2, steps: 8 }, random: true });
describeAttack(fab, { params: { norm: 'l1', targets: 0, steps: 8 } });

describe.each(['linf', 'l2', 'l1'])('fab on linear models in %s', (norm) => {
  // One run for all classes may end at the boundary of another class than the nearest.
  it.each([
    { targets: 9, most: 1.001 },
    { targets: 0, most: 1.1 },
  ])('finds the nearest example, with $targets targets', async ({ targets, most }) => {
    for (const box of ['active', 'inactive'] as const) {
      for (const { found, exact } of await linearDistances(fab, { norm, targets }, box)) {
        expect(found / exact).toBeGreaterThan(1 - 1e-5);
        expect(found / exact).toBeLessThan(most);
      }
    }
  });
});
