import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure } from './planted.kit';
import { unfinishedDescent } from './unfinished-descent';

describeAudit(unfinishedDescent, { attacks, faulty: faulty('unfinished-descent') });

it('is no more than worth knowing beside an attack that leaves less', async () => {
  const subject = await figure(() => ({ attacks: ['bim(epsilon=0.04, step=0.001)', 'pgd(epsilon=0.04)'] }));
  expect(await inspect(unfinishedDescent, subject)).toMatchObject([
    { severity: 'low', attack: 'bim(epsilon=0.04, step=0.001)', threat: 'linf(0.04)' },
  ]);
});

it('is serious beside one of another ball', async () => {
  const subject = await figure(() => ({ attacks: ['bim(epsilon=0.04, step=0.001)', 'pgd(epsilon=0.08)'] }));
  expect(await inspect(unfinishedDescent, subject)).toMatchObject([{ severity: 'high', threat: 'linf(0.04)' }]);
});

it.each(['fgs(epsilon=0.04)', 'pgd(epsilon=0.04)', 'apgd(epsilon=0.04)', 'square(epsilon=0.04, queries=50)', 'fmn'])(
  'says nothing of %s',
  async (attack) => {
    expect(await inspect(unfinishedDescent, await figure(() => ({ attacks: [attack] })))).toEqual([]);
  },
);
