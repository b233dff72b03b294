import { attacks } from '@rampart/attacks';
import { type AuditedAttack } from '@rampart/core';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { oneStepStronger } from './one-step-stronger';
import { faulty } from './planted.kit';

describeAudit(oneStepStronger, { attacks, faulty: faulty('one-step-stronger') });

it('knows one step by its attack or by its steps', async () => {
  expect(await inspect(oneStepStronger, await faulty('one-step-stronger')())).toMatchObject([{ severity: 'high' }]);
  const subject = await faulty('one-step-stronger')();
  const [pgd, fgs] = subject.attacks as [AuditedAttack, AuditedAttack];
  const short = { ...pgd.attack, params: { ...pgd.attack.params, steps: 1 } };
  const one = { ...fgs, attack: short };
  expect(await inspect(oneStepStronger, { ...subject, attacks: [pgd, one] })).toMatchObject([{ severity: 'high' }]);
  expect(await inspect(oneStepStronger, { ...subject, attacks: [fgs] })).toEqual([]);
});
