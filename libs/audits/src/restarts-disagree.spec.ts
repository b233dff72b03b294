import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure } from './planted.kit';
import { restartsDisagree } from './restarts-disagree';

describeAudit(restartsDisagree, { attacks, faulty: faulty('restarts-disagree') });

/** The figure of an attack that is said to have broken nothing. */
const denied = (attack: string) =>
  figure(() => ({
    attacks: [attack],
    change: ({ attacks: [one] }) => ({ attacks: [{ ...one!, evades: one!.evades.map(() => 0) }] }),
  }));

it('is serious where a second run breaks a fifth', async () => {
  const [doubt] = await inspect(restartsDisagree, await denied('pgd(epsilon=0.02)'));
  expect(doubt).toMatchObject({ severity: 'high', threat: 'linf(0.02)', evidence: { instances: 64 } });
  expect(doubt!.evidence['broken']).toBeGreaterThan(13);
});

it.each([
  'bim(epsilon=0.02)',
  'fgs(epsilon=0.02)',
  'square(epsilon=0.02, queries=50)',
  'pgd(epsilon=0.02, randomStart=false)',
])('does not run %s again, which draws nothing or follows no gradient', async (attack) => {
  expect(await inspect(restartsDisagree, await denied(attack))).toEqual([]);
});

it('says nothing where too little may be spent', async () => {
  const subject = await denied('pgd(epsilon=0.02)');
  expect(await inspect(restartsDisagree, { ...subject, allowance: 10 })).toEqual([]);
});
