import { describeAttack, linearDistances } from '@rampart/testing';

import { deepfool } from './deepfool';

describeAttack(deepfool);
describeAttack(deepfool, { params: { norm: 'linf' } });

describe.each(['l2', 'linf'])('deepfool on linear models in %s', (norm) => {
  it.each(['active', 'inactive'] as const)('goes just beyond the nearest boundary, with the box %s', async (box) => {
    for (const { classes, found, exact } of await linearDistances(deepfool, { norm }, box)) {
      // The box may change which of several boundaries is the nearest; DeepFool's choice does not look at it.
      if (box === 'active' && classes > 2) continue;
      expect(found / exact).toBeGreaterThan(1);
      expect(found / exact).toBeLessThan(1.001);
    }
  });
});
