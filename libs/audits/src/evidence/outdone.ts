import type { AuditSubject, Doubt } from '@rampart/core';
import { z } from 'zod';

import { type AttackAt, concerning, followsGradients, threatsOf } from './attacks-at';
import { type Compared, compared } from './compared';
import { stepsOf } from './steps-of';
import { percent } from './words';

/** The parameters of audits that compare what two kinds of attacks break. */
export const outdoneParams = z.object({
  lead: z
    .number()
    .min(0)
    .lt(1)
    .default(0.02)
    .describe('The part of the attackable instances by which the one must break more.'),
  significance: z.number().positive().lt(1).default(0.05).describe("The level of McNemar's exact test."),
});

export type OutdoneParams = z.output<typeof outdoneParams>;

/** Attacks that follow gradients for more than one step: what should break as much as any other. */
export function iterative(attacks: readonly AttackAt[]): AttackAt[] {
  return attacks.filter(({ of }) => followsGradients(of) && stepsOf(of.attack) > 1);
}

/** Doubts, one a threat, where the first of two groups breaks more than the second by more than chance. */
export function outdone(
  subject: AuditSubject,
  { lead, significance }: OutdoneParams,
  groups: (threat: ReturnType<typeof threatsOf>[number]) => Compared | undefined,
  says: (found: Compared) => string,
): Doubt[] {
  return threatsOf(subject).flatMap((threat): Doubt[] => {
    const found = groups(threat);
    if (!found || !(found.lead > lead && found.p < significance)) return [];
    const { instances, onlyFirst, onlySecond, p } = found;
    return [
      {
        severity: 'high',
        summary: `${says(found)} (${percent(found.lead)} of ${instances} attackable instances, p = ${p.toPrecision(2)}).`,
        evidence: { instances, onlyFirst, onlySecond, lead: found.lead, p },
        ...concerning(threat),
      },
    ];
  });
}

/** Compares two groups where both have attacks. */
export function comparedWhereBoth(
  { attackable }: AuditSubject,
  first: readonly AttackAt[],
  second: readonly AttackAt[],
): Compared | undefined {
  return first.length === 0 || second.length === 0 ? undefined : compared(attackable, first, second);
}
