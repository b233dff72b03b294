import { type AuditSubject, defineAudit, type Threat } from '@rampart/core';
import { z } from 'zod';

import { attacksAt, concerning, followsGradients, threatsOf, unbroken } from './evidence/attacks-at';
import { gradientsAt } from './evidence/gradients-at';
import { crossEntropyAlone } from './evidence/loss-of';
import { partOf } from './evidence/words';

/**
 * Instances at which the gradient of the cross-entropy has rounded to zero in float32 while that of the margin has not:
 * the model is so sure of them, by differences of logits beyond about 90, that attacks on the cross-entropy stand still.
 */
export const saturatedLoss = defineAudit({
  name: 'saturated-loss',
  summary: 'Instances of which the model is so sure that the gradient of the cross-entropy rounds to zero.',
  source:
    'Carlini, Wagner 2016, "Defensive distillation is not robust to adversarial examples"; Carlini et al. 2019, "On evaluating adversarial robustness", section 4.7; Croce, Hein 2020, "Reliable evaluation of adversarial robustness ...", section 4',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(64).describe('Attackable instances that are looked at, at the most.'),
    above: z.number().min(0).lt(1).default(0.05).describe('The part of them from which on the figure is doubtful.'),
    features: z
      .number()
      .positive()
      .max(1)
      .default(0.5)
      .describe('The part of the features with a slope of the margin that have none of the cross-entropy.'),
  }),
  remedies: ['another-loss', 'inner-logits'],
  async inspect({ sample, above, features: most }, subject) {
    if (subject.estimated) return [];
    const found = await gradientsAt(subject, sample);
    if (!found) return [];
    const { positions, crossEntropy, margin } = found;
    const features = margin.length / positions.length;
    const saturated = positions.filter((_, i) => {
      let sloping = 0;
      let lost = 0;
      for (let k = i * features; k < (i + 1) * features; k++) {
        if (margin[k] === 0) continue;
        sloping++;
        if (crossEntropy[k] === 0) lost++;
      }
      return sloping > 0 && lost >= most * sloping;
    }).length;
    if (!(saturated > above * positions.length)) return [];
    const evidence = { sample: positions.length, saturated, share: saturated / positions.length };
    const seen = `At ${partOf(saturated, positions.length)} instances looked at, the gradient of the cross-entropy rounds to zero while that of the margin does not`;
    const misled = threatsOf(subject).filter((threat) => restsOnCrossEntropy(subject, threat));
    if (misled.length === 0) {
      const summary = `${seen}; attacks on the cross-entropy stand still there, and other attacks of the run do not.`;
      return [{ severity: 'low', summary, evidence }];
    }
    return misled.map((threat) => ({
      severity: 'high',
      summary: `${seen}, and every gradient attack here follows the cross-entropy.`,
      evidence,
      ...concerning(threat),
    }));
  },
});

/** Whether instances are left robust by gradient attacks that all follow the cross-entropy. */
function restsOnCrossEntropy(subject: AuditSubject, threat: Threat | undefined): boolean {
  const attacks = attacksAt(subject.attacks, threat);
  const following = attacks.filter(({ of }) => followsGradients(of));
  return (
    following.length > 0 &&
    following.every(({ of }) => crossEntropyAlone(of.attack)) &&
    unbroken(subject, attacks).length > 0
  );
}
