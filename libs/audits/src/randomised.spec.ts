import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty } from './planted.kit';
import { randomised } from './randomised';

describeAudit(randomised, { attacks, faulty: faulty('randomised') });

it('says how many images differ and by how much', async () => {
  const [doubt] = await inspect(randomised, await faulty('randomised')());
  expect(doubt).toMatchObject({ severity: 'high', evidence: { images: 16, differing: 16 } });
  expect(doubt!.evidence['largest']).toBeGreaterThan(0);
});

it('says nothing of a model whose logits depend on the batch alone', async () => {
  expect(await inspect(randomised, await faulty('batch-dependent')())).toEqual([]);
});
