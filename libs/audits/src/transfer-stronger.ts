import { defineAudit } from '@rampart/core';

import { type AttackAt, attacksAt, followsGradients } from './evidence/attacks-at';
import { comparedWhereBoth, iterative, outdone, outdoneParams } from './evidence/outdone';

/**
 * Examples made against another model break instances that gradient attacks on this one leave: the examples are within
 * reach of those attacks, which fail to find them.
 */
export const transferStronger = defineAudit({
  name: 'transfer-stronger',
  summary: 'Examples made against other models break more than gradient attacks on the model itself.',
  source:
    'Carlini et al. 2019, "On evaluating adversarial robustness", sections 3.2 and 4.5; Pintor et al. 2022, "Indicators of attack failure", I5 (transfer failure)',
  version: 1,
  params: outdoneParams,
  remedies: ['transfer', 'another-loss', 'inner-logits', 'straight-through', 'black-box'],
  inspect: (params, subject) =>
    outdone(
      subject,
      params,
      (threat) =>
        comparedWhereBoth(
          subject,
          attacksAt(subject.transferred, threat),
          following(attacksAt(subject.attacks, threat)),
        ),
      ({ onlyFirst, onlySecond }) =>
        `Examples made against other models break ${onlyFirst} instances that gradient attacks on this one leave, and these break ${onlySecond} that the others leave`,
    ),
});

/** The iterative attacks, else those of one step: the examples were made by the same. */
function following(attacks: readonly AttackAt[]): readonly AttackAt[] {
  const several = iterative(attacks);
  return several.length > 0 ? several : attacks.filter(({ of }) => followsGradients(of));
}
