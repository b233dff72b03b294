import { attacks } from '@rampart/attacks';
import { type AuditedAttack } from '@rampart/core';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure } from './planted.kit';
import { stepOperators } from './step-operators';

describeAudit(stepOperators, { attacks, faulty: faulty('step-operators') });

it('is serious where every way leads through one, while anything is left robust', async () => {
  const steps = { operators: ['Round', 'Sign'], everywhere: true };
  const subject = await figure(() => ({ change: () => ({ steps }) }));
  expect(await inspect(stepOperators, subject)).toMatchObject([
    { severity: 'high', summary: expect.stringContaining('Round, Sign'), evidence: { operators: 'Round, Sign' } },
  ]);
  expect(await inspect(stepOperators, { ...subject, estimated: true })).toMatchObject([{ severity: 'high' }]);
  const [attack] = subject.attacks as [AuditedAttack];
  const broken = { ...subject, attacks: [{ ...attack, evades: attack.evades.map(() => 1) }] };
  expect(await inspect(stepOperators, broken)).toMatchObject([{ severity: 'low' }]);
});

it('says nothing where the gradient points where the straight-through one does', async () => {
  const subject = await figure(({ model }) => ({
    view: () => model,
    change: () => ({ steps: { operators: ['Round'], everywhere: false } }),
  }));
  expect(await inspect(stepOperators, subject)).toEqual([]);
});
