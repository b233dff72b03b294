import { attacks } from '@rampart/attacks';
import { type AuditedAttack } from '@rampart/core';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { epsilonWithoutEffect } from './epsilon-without-effect';
import { faulty, figure } from './planted.kit';

describeAudit(epsilonWithoutEffect, { attacks, faulty: faulty('epsilon-without-effect') });

it('compares attacks that differ in epsilon alone', async () => {
  const attacksOf = ['fgs(epsilon=0.001)', 'fgs(epsilon=0.002)', 'fgs(epsilon=0.01)'];
  const falling = await figure(() => ({ attacks: attacksOf }));
  expect(await inspect(epsilonWithoutEffect, falling)).toEqual([]);
  const [small, middle, large] = falling.attacks as [AuditedAttack, AuditedAttack, AuditedAttack];
  const flat = { ...falling, attacks: [small, middle, { ...large, evades: small.evades }] };
  expect(await inspect(epsilonWithoutEffect, flat)).toMatchObject([
    { severity: 'medium', attack: 'fgs(epsilon=0.01)', threat: 'linf(0.01)' },
  ]);
  expect(await inspect(epsilonWithoutEffect, flat, { factor: 20 })).toEqual([]);
});

it('probes where everything may change, if enough may be spent', async () => {
  const subject = await faulty('epsilon-without-effect')();
  const [doubt] = await inspect(epsilonWithoutEffect, subject);
  expect(doubt).toMatchObject({ severity: 'high', evidence: { instances: 16, epsilon: 1 } });
  expect(doubt!.evidence['left']).toBeGreaterThan(8);
  expect(await inspect(epsilonWithoutEffect, { ...subject, allowance: 100 })).toEqual([]);
});
