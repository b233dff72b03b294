import { attacks } from '@rampart/attacks';
import { type AuditedAttack } from '@rampart/core';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure } from './planted.kit';
import { targetedEasier } from './targeted-easier';

describeAudit(targetedEasier, { attacks, faulty: faulty('targeted-easier') });

it('says nothing where attacks were targeted, or one other class is all there is', async () => {
  const subject = await faulty('targeted-easier')();
  expect(await inspect(targetedEasier, subject)).toMatchObject([{ severity: 'high', threat: 'linf(0.04)' }]);
  expect(await inspect(targetedEasier, { ...subject, targets: subject.test.labels })).toEqual([]);
  expect(await inspect(targetedEasier, { ...subject, classes: ['a', 'b'] })).toEqual([]);
  const spec = { name: 'autoattack', params: {} };
  const [one] = subject.attacks as [AuditedAttack];
  const ensemble = { ...subject, attacks: [{ ...one, attack: { ...one.attack, spec } }] };
  expect(await inspect(targetedEasier, ensemble)).toEqual([]);
});

it('does not take a stronger attack for a targeted one: what untargeted descents of its cost break does not count', async () => {
  const subject = await figure(() => ({
    change: ({ attacks: [one] }) => ({ attacks: [{ ...one!, evades: one!.evades.map(() => 0) }] }),
  }));
  expect(await inspect(targetedEasier, subject)).toEqual([]);
});
