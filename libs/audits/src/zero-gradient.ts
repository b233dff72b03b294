import { defineAudit } from '@rampart/core';
import { z } from 'zod';

import { anyRobust } from './evidence/attacks-at';
import { gradientsAt } from './evidence/gradients-at';
import { partOf } from './evidence/words';

/**
 * Instances at which the gradients of the cross-entropy and of the margin are both exactly zero. An attack that follows
 * gradients stands still there, and what it leaves says nothing about robustness.
 */
export const zeroGradient = defineAudit({
  name: 'zero-gradient',
  summary: 'Instances at which the gradient of every loss is zero, so that gradient attacks stand still.',
  source:
    'Athalye, Carlini, Wagner 2018, "Obfuscated gradients give a false sense of security", section 3; Pintor et al. 2022, "Indicators of attack failure", I1 (unavailable gradients)',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(64).describe('Attackable instances that are looked at, at the most.'),
    above: z.number().min(0).lt(1).default(0.05).describe('The part of them from which on the figure is doubtful.'),
  }),
  remedies: ['inner-logits', 'straight-through', 'inverted-front', 'transfer', 'surrogate', 'black-box'],
  async inspect({ sample, above }, subject) {
    if (subject.estimated) return [];
    const found = await gradientsAt(subject, sample);
    if (!found) return [];
    const { positions, crossEntropy, margin } = found;
    const features = margin.length / positions.length;
    const zero = positions.filter((_, i) => {
      const [from, to] = [i * features, (i + 1) * features];
      return [crossEntropy, margin].every((gradient) => gradient.subarray(from, to).every((slope) => slope === 0));
    }).length;
    if (!(zero > above * positions.length)) return [];
    return [
      {
        severity: anyRobust(subject) ? 'high' : 'low',
        summary: `At ${partOf(zero, positions.length)} instances looked at, the gradients of cross-entropy and margin are zero in every feature, so gradient attacks stand still.`,
        evidence: { sample: positions.length, zero, share: zero / positions.length },
      },
    ];
  },
});
