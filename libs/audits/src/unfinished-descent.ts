import { type AuditSubject, defineAudit, type Doubt, type LossPoint, type Threat } from '@rampart/core';
import { z } from 'zod';

import {
  type AttackAt,
  attacksAt,
  ballOf,
  concerning,
  followsGradients,
  threatsOf,
  unbroken,
} from './evidence/attacks-at';
import { stepsOf } from './evidence/steps-of';
import { percent } from './evidence/words';

/**
 * A loss that still falls when the attack ends: more steps would have broken more.
 */
export const unfinishedDescent = defineAudit({
  name: 'unfinished-descent',
  summary: 'The loss of an attack still falls at its last step.',
  source:
    'Pintor et al. 2022, "Indicators of attack failure", I4 (incomplete optimization); Carlini et al. 2019, "On evaluating adversarial robustness", section 3.2',
  version: 1,
  params: z.object({
    last: z.number().positive().lt(1).default(0.25).describe('The last part of the evaluations that is looked at.'),
    drop: z
      .number()
      .positive()
      .lt(1)
      .default(0.15)
      .describe('The part of the whole drop of the loss that they may bring, at the most.'),
  }),
  remedies: ['more-steps', 'restarts'],
  inspect: ({ last, drop }, subject) =>
    threatsOf(subject).flatMap((threat) => doubtsAt(subject, threat, { last, drop })),
});

function doubtsAt(
  subject: AuditSubject,
  threat: Threat | undefined,
  { last, drop }: { readonly last: number; readonly drop: number },
): Doubt[] {
  const attacks = attacksAt(subject.attacks, threat);
  return attacks.flatMap((one): Doubt[] => {
    const { of } = one;
    const left = unbroken(subject, [one]).length;
    if (!followsGradients(of) || !ballOf(of.attack) || stepsOf(of.attack) === 1 || left === 0) return [];
    const late = lateDrop(of.losses, last);
    if (late === undefined || late <= drop) return [];
    const better = attacks.some((other) => other !== one && leaves(subject, other) < left);
    return [
      {
        severity: better ? 'low' : 'high',
        summary: `The last ${percent(last)} of the evaluations of ${of.attack.label} brought ${percent(late)} of the whole drop of its loss, and it left ${left} instances robust: it was not done.`,
        evidence: { late, left, evaluations: of.losses.at(-1)![0] },
        ...concerning(threat),
        attack: of.attack.label,
      },
    ];
  });
}

function leaves(subject: AuditSubject, attack: AttackAt): number {
  return unbroken(subject, [attack]).length;
}

/** The part of the whole drop that the last part of the evaluations brought; undefined where the loss fell nowhere. */
function lateDrop(losses: readonly LossPoint[], last: number): number | undefined {
  if (losses.length < 3) return undefined;
  const [[, first], [evaluations, end]] = [losses[0]!, losses.at(-1)!];
  if (!(first > end)) return undefined;
  return (lossAt(losses, (1 - last) * evaluations) - end) / (first - end);
}

/** Between two points of the curve, on the line between them. */
function lossAt(losses: readonly LossPoint[], evaluations: number): number {
  const next = losses.findIndex(([at]) => at >= evaluations);
  const [[to, after], [from, before]] = [losses[next]!, losses[Math.max(0, next - 1)]!];
  return to === from ? after : before + ((after - before) * (evaluations - from)) / (to - from);
}
