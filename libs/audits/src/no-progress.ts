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
  inspect: ({ above }, subject) =>
    subject.attacks.flatMap((of): Doubt[] => {
      const ball = ballOf(of.attack);
      // One that looks for the nearest example may have none to give.
      if (of.attack.definition.family === 'minimum-norm') return [];
      const left = unbroken(subject, [{ of, breaks: of.evades }]);
      const originals = subject.images(left);
      const features = left.length === 0 ? 0 : originals.length / left.length;
      const unmoved = left.filter((position, row) => {
        const example = of.examples.subarray(position * features, (position + 1) * features);
        return example.every((value, k) => value === originals[row * features + k]);
      }).length;
      const { length } = subject.attackable;
      if (!(unmoved > above * length)) return [];
      return [
        {
          severity: followsGradients(of) ? 'high' : 'medium',
          summary: `${of.attack.label} gives ${partOf(unmoved, length)} attackable instances back unmoved: they were not attacked, so they did not resist.`,
          evidence: { attackable: length, left: left.length, unmoved },
          ...concerning(ball),
          attack: of.attack.label,
        },
      ];
    }),
});
