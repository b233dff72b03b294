import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure } from './planted.kit';
import { preprocessing } from './preprocessing';

describeAudit(preprocessing, { attacks, faulty: faulty('preprocessing') });

it('names the range that the model was made for', async () => {
  expect(await inspect(preprocessing, await faulty('preprocessing')())).toMatchObject([
    { severity: 'high', evidence: { range: '[0, 1]', images: 120 } },
  ]);
});

it.each([
  [0.99, []],
  [0.9, []],
  [1, []],
])('says nothing of a claim of %d where 96.7%% are right', async (claimedAccuracy, found) => {
  const subject = await figure(() => ({ change: () => ({ claimedAccuracy }) }));
  expect(await inspect(preprocessing, subject)).toEqual(found);
});

it('finds accuracy far below the claim', async () => {
  const subject = await figure(({ test }) => ({
    test: { ...test, labels: test.labels.map((label, i) => (i % 8 === 0 ? (label + 1) % 3 : label)) },
    change: () => ({ claimedAccuracy: 0.99 }),
  }));
  expect(await inspect(preprocessing, subject)).toMatchObject([{ severity: 'high', evidence: { claimed: 0.99 } }]);
});
