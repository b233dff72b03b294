import { defineAudit, type Doubt } from '@rampart/core';
import { z } from 'zod';

import { ballOf, concerning, followsGradients, unbroken } from './evidence/attacks-at';
import { partOf } from './evidence/words';

/**
 * Instances that an attack gives back as they were although it may move them: it found no better point anywhere, mostly
 * for want of a gradient. They were not attacked, so they did not resist.
 */
export const noProgress = defineAudit({
  name: 'no-progress',
  summary: 'An attack gives instances back unmoved.',
  source:
    'Pintor et al. 2022, "Indicators of attack failure", I1 (unavailable gradients); Tramer et al. 2020, "On adaptive attacks to adversarial example defenses"',
  version: 1,
  params: z.object({
    above: z
      .number()
      .min(0)
      .lt(1)
      .default(0.1)
      .describe('The part of the attackable instances from which on the figure is doubtful.'),
  }),
  remedies: ['another-loss', 'inner-logits', 'straight-through', 'black-box'],
  async inspect({ above }, subject) {
    const doubts: Doubt[] = [];
    for (const of of subject.attacks) {
      // One that looks for the nearest example may have none to give.
      if (of.attack.definition.family === 'minimum-norm') continue;
      const left = unbroken(subject, [{ of, breaks: of.evades }]);
      const [originals, examples] = [subject.images(left), await of.examples(left)];
      const features = left.length === 0 ? 0 : originals.length / left.length;
      const unmoved = left.filter((_, row) => {
        const example = examples.subarray(row * features, (row + 1) * features);
        return example.every((value, k) => value === originals[row * features + k]);
      }).length;
      const { length } = subject.attackable;
      if (!(unmoved > above * length)) continue;
      doubts.push({
        severity: followsGradients(of) ? 'high' : 'medium',
        summary: `${of.attack.label} gives ${partOf(unmoved, length)} attackable instances back unmoved: they were not attacked, so they did not resist.`,
        evidence: { attackable: length, left: left.length, unmoved },
        ...concerning(ballOf(of.attack)),
        attack: of.attack.label,
      });
    }
    return doubts;
  },
});
