import type { AuditSubject } from '@rampart/core';

import { inspect } from './inspect.kit';
import { figure, PLANTED } from './planted.kit';
import { audits } from './registry';

/** What every audit for its mode says about a figure: by name, its severities. */
async function verdicts(subject: AuditSubject): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const name of audits.names()) {
    const audit = audits.get(name);
    if (!audit.modes.includes(subject.mode)) continue;
    const doubts = await inspect(audit, subject);
    found.set(
      name,
      doubts.map(({ severity }) => severity),
    );
  }
  return found;
}

const serious = (found: Map<string, string[]>) =>
  [...found].filter(([, severities]) => severities.includes('high')).map(([name]) => name);

it('there is a fault for every audit', () => {
  expect(PLANTED.map(({ audit }) => audit).sort()).toEqual(audits.names());
});

it.each(PLANTED)('$audit finds: $fault; no other takes it for serious', async ({ audit, severity, subject }) => {
  const found = await verdicts(await subject());
  expect(found.get(audit)).toContain(severity);
  expect(serious(found)).toEqual(severity === 'high' ? [audit] : []);
});

describe('an honest model', () => {
  const attacks = ['pgd(epsilon=EPSILON)', 'fgs(epsilon=EPSILON)', 'square(epsilon=EPSILON, queries=300)'];

  it.each(['one', 'two', 'three', 'four'].flatMap((seed) => [0.01, 0.03, 0.1].map((epsilon) => ({ seed, epsilon }))))(
    'has nothing serious said about it: $seed at $epsilon',
    async ({ seed, epsilon }) => {
      const subject = await figure(
        () => ({ attacks: attacks.map((attack) => attack.replace('EPSILON', String(epsilon))) }),
        { seed },
      );
      expect(serious(await verdicts(subject))).toEqual([]);
    },
  );

  it.each([
    ['l2', ['autoattack(norm=l2, epsilon=0.1, steps=20, queries=200)', 'fmn(norm=l2)']],
    ['l1', ['apgd(norm=l1, epsilon=0.5)']],
    ['l0', ['sigma-zero(steps=200)', 'jsma']],
    ['no norm', ['adam', 'cg(steps=200)', 'spatial']],
  ])('has nothing serious said about it in %s', async (_norm, of) => {
    expect(serious(await verdicts(await figure(() => ({ attacks: of }))))).toEqual([]);
  });
});
