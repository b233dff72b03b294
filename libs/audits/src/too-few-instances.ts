import { type AuditSubject, defineAudit, type Doubt, type Threat, wilson } from '@rampart/core';
import { z } from 'zod';

import { attacksAt, concerning, threatsOf, unbroken } from './evidence/attacks-at';
import { percent } from './evidence/words';

/** So few attackable instances that the sampling error leaves little of the figure. */
export const tooFewInstances = defineAudit({
  name: 'too-few-instances',
  summary: 'Too few attackable instances for the figure to mean much.',
  source: 'Interval: Wilson (1927)',
  version: 1,
  params: z.object({
    halfWidth: z
      .number()
      .positive()
      .lt(0.5)
      .default(0.1)
      .describe('Half the width of the 95% interval of robust accuracy, at the most.'),
  }),
  modes: ['static', 'adaptive'],
  remedies: [],
  inspect({ halfWidth }, subject) {
    const { length } = subject.attackable;
    if (length === 0) {
      return [
        {
          severity: 'high',
          summary: `The model gets none of ${subject.attacked.length} instances right as they are: there was nothing to attack.`,
          evidence: { attackable: 0, attacked: subject.attacked.length },
        },
      ];
    }
    return threatsOf(subject).flatMap((threat) => doubtsAt(subject, threat, halfWidth));
  },
});

function doubtsAt(subject: AuditSubject, threat: Threat | undefined, halfWidth: number): Doubt[] {
  const attacks = attacksAt(subject.mode === 'static' ? subject.transferred : subject.attacks, threat);
  if (attacks.length === 0) return [];
  const { length } = subject.attackable;
  const { value, low, high } = wilson(unbroken(subject, attacks).length, length)!;
  const half = (high - low) / 2;
  if (half <= halfWidth) return [];
  return [
    {
      severity: 'medium',
      summary: `${percent(value)} of ${length} attackable instances stay robust, with a 95% interval from ${percent(low)} to ${percent(high)}: too few to tell.`,
      evidence: { attackable: length, value, low, high },
      ...concerning(threat),
    },
  ];
}
