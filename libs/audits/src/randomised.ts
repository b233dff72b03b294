import { defineAudit } from '@rampart/core';
import { z } from 'zod';

import { redrawn } from './evidence/redrawn';

/**
 * A model that draws random numbers: the same images twice in one session give other logits. A gradient of one draw
 * misleads, and an example that evades one draw may not evade the next (Athalye et al. 2018, section 4.2).
 */
export const randomised = defineAudit({
  name: 'randomised',
  summary: 'The same images twice in one session give different logits.',
  source:
    'Athalye, Carlini, Wagner 2018, "Obfuscated gradients give a false sense of security", section 4.2; Carlini et al. 2019, "On evaluating adversarial robustness", section 3.2; Pintor et al. 2022, "Indicators of attack failure", I2 (unstable predictions)',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(16).describe('Instances that are looked at, at the most.'),
  }),
  remedies: ['averaging'],
  async inspect({ sample }, subject) {
    const { images, differing, largest } = await redrawn(subject, sample);
    if (differing === 0) return [];
    return [
      {
        severity: 'high',
        summary: `Of ${images} images asked about twice in one session, ${differing} had other logits the second time, by up to ${largest.toPrecision(3)}: the model draws random numbers.`,
        evidence: { images, differing, largest },
      },
    ];
  },
});
