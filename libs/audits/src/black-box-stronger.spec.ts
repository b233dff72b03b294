import { attacks } from '@rampart/attacks';
import { type AuditedAttack } from '@rampart/core';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { blackBoxStronger } from './black-box-stronger';
import { faulty, figure } from './planted.kit';

describeAudit(blackBoxStronger, { attacks, faulty: faulty('black-box-stronger') });

it('counts what either side breaks alone', async () => {
  const subject = await faulty('black-box-stronger')();
  const [doubt] = await inspect(blackBoxStronger, subject);
  const [pgd, square] = subject.attacks as [AuditedAttack, AuditedAttack];
  const only = (a: AuditedAttack, b: AuditedAttack) =>
    subject.attackable.filter((at) => a.evades[at] === 1 && b.evades[at] === 0).length;
  expect(doubt).toMatchObject({
    severity: 'high',
    threat: 'linf(0.02)',
    evidence: { instances: 120, onlyFirst: only(square, pgd), onlySecond: only(pgd, square) },
  });
});

it.each([
  [2, []],
  [5, []],
  [6, ['high']],
  [30, ['high']],
])('finds %d instances that only the last component of an ensemble broke', async (evaded, severities) => {
  const subject = await figure(() => ({
    change: ({ attacks: [one] }) => {
      const spent = { forwardEvaluations: 1, gradientEvaluations: 0 };
      return { attacks: [{ ...one!, stages: [{ name: 'square', instances: 60, evaded, ...spent }] }] };
    },
  }));
  expect((await inspect(blackBoxStronger, subject)).map(({ severity }) => severity)).toEqual(severities);
});

it('does not hold a single step against the model, nor attacks of another ball', async () => {
  const subject = await faulty('black-box-stronger')();
  const [, square] = subject.attacks as [AuditedAttack, AuditedAttack];
  const [fgs] = (await figure(() => ({ attacks: ['fgs(epsilon=0.02)'] }))).attacks as [AuditedAttack];
  expect(await inspect(blackBoxStronger, { ...subject, attacks: [fgs, square] })).toEqual([]);
  const [wide] = (await figure(() => ({ attacks: ['pgd(epsilon=0.001)'] }))).attacks as [AuditedAttack];
  expect(await inspect(blackBoxStronger, { ...subject, attacks: [wide, square] })).toEqual([]);
});
