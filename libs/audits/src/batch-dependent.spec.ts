import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { batchDependent } from './batch-dependent';
import { faulty, figure } from './planted.kit';

describeAudit(batchDependent, { attacks, faulty: faulty('batch-dependent') });

it('leaves noise to another audit, and rounding alone', async () => {
  expect(await inspect(batchDependent, await faulty('batch-dependent')())).toMatchObject([{ severity: 'high' }]);
  expect(await inspect(batchDependent, await faulty('randomised')())).toEqual([]);
  const rounded = await figure(({ model }) => ({
    model: {
      ...model,
      // As sums in another order do.
      logits: async (images) => (await model.logits(images)).map((value) => value * (1 + 1e-6 * (images.length % 7))),
    },
  }));
  expect(await inspect(batchDependent, rounded)).toEqual([]);
});
