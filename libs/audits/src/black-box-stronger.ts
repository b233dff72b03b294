import { type AuditSubject, defineAudit, type Threat } from '@rampart/core';

import { attacksAt, followsGradients } from './evidence/attacks-at';
import { type Compared, judged } from './evidence/compared';
import { comparedWhereBoth, iterative, outdone, outdoneParams } from './evidence/outdone';

/** Components of ensembles that follow no gradients. They are run on what those before them left. */
const BLACK_BOX_STAGES = ['square'];

/**
 * Attacks that follow no gradients break instances that those following them for many steps leave. Gradients tell an
 * attacker more than answers alone, so where they find less they mislead.
 */
export const blackBoxStronger = defineAudit({
  name: 'black-box-stronger',
  summary: 'Attacks without gradients break more than attacks that follow them.',
  source:
    'Athalye, Carlini, Wagner 2018, "Obfuscated gradients give a false sense of security", section 3.1; Carlini et al. 2019, "On evaluating adversarial robustness", sections 3.2 and 4.4',
  version: 1,
  params: outdoneParams,
  remedies: ['another-loss', 'straight-through', 'inverted-front', 'smoothed-gradient', 'more-steps', 'surrogate'],
  inspect: (params, subject) =>
    outdone(
      subject,
      params,
      (threat) => inRun(subject, threat) ?? inEnsemble(subject, threat),
      ({ onlyFirst, onlySecond }) =>
        `Attacks without gradients break ${onlyFirst} instances that gradient attacks leave, and these break ${onlySecond} that the others leave`,
    ),
});

function inRun(subject: AuditSubject, threat: Threat | undefined): Compared | undefined {
  const attacks = attacksAt(subject.attacks, threat);
  const without = attacks.filter(({ of }) => !followsGradients(of));
  return comparedWhereBoth(subject, without, iterative(attacks));
}

function inEnsemble(subject: AuditSubject, threat: Threat | undefined): Compared | undefined {
  for (const { of } of attacksAt(subject.attacks, threat)) {
    const stage = of.stages.find(({ name }) => BLACK_BOX_STAGES.includes(name));
    if (stage) return judged(subject.attackable.length, stage.evaded, 0);
  }
  return undefined;
}
