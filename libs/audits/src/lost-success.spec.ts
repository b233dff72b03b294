import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { lostSuccess } from './lost-success';
import { faulty, figure } from './planted.kit';

describeAudit(lostSuccess, { attacks, faulty: faulty('lost-success') });

it('tells the attack that forgets from the one whose best point is kept', async () => {
  const [doubt, ...others] = await inspect(lostSuccess, await faulty('lost-success')());
  expect(others).toEqual([]);
  expect(doubt).toMatchObject({ severity: 'high', attack: 'walk-on(epsilon=0.04)', threat: 'linf(0.04)' });
});

it.each(['fgs(epsilon=0.02)', 'adam(iterations=3, learningRate=0.001)', 'cg(steps=5)', 'spsa(epsilon=0.02)'])(
  'says nothing of %s',
  async (attack) => {
    const subject = await figure(() => ({ attacks: [attack] }));
    expect(await inspect(lostSuccess, subject)).toEqual([]);
  },
);
