import { defineAudit } from '@rampart/core';

import { attacksAt, followsGradients } from './evidence/attacks-at';
import { comparedWhereBoth, iterative, outdone, outdoneParams } from './evidence/outdone';
import { stepsOf } from './evidence/steps-of';

/**
 * One step along the gradient breaks instances that many steps leave. Many steps can do all that one does, so the many
 * are caught in a local minimum.
 */
export const oneStepStronger = defineAudit({
  name: 'one-step-stronger',
  summary: 'A single gradient step breaks more than many.',
  source:
    'Athalye, Carlini, Wagner 2018, "Obfuscated gradients give a false sense of security", section 3.1; Carlini et al. 2019, "On evaluating adversarial robustness", section 3.1',
  version: 1,
  params: outdoneParams,
  remedies: ['restarts', 'more-steps', 'another-loss'],
  inspect: (params, subject) =>
    outdone(
      subject,
      params,
      (threat) => {
        const attacks = attacksAt(subject.attacks, threat);
        const single = attacks.filter(({ of }) => followsGradients(of) && stepsOf(of.attack) === 1);
        return comparedWhereBoth(subject, single, iterative(attacks));
      },
      ({ onlyFirst, onlySecond }) =>
        `One gradient step breaks ${onlyFirst} instances that many steps leave, and many break ${onlySecond} that one leaves`,
    ),
});
