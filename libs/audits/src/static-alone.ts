import { defineAudit } from '@rampart/core';
import { z } from 'zod';

/**
 * A figure of examples made against other models, in a run that attacks this one nowhere: it says how the model fares
 * against attackers who do not know it.
 */
export const staticAlone = defineAudit({
  name: 'static-alone',
  summary: 'Replayed examples without a figure of attacks on the model itself.',
  source:
    'Carlini et al. 2019, "On evaluating adversarial robustness", section 3.1; Tramer et al. 2020, "On adaptive attacks to adversarial example defenses"',
  version: 2,
  params: z.object({}),
  modes: ['static'],
  remedies: [],
  // What is replayed on the model that it was made against is an attack on the model itself.
  inspect: (_params, { mode, modes, attacks, transferred }) =>
    mode === 'adaptive' || modes.includes('adaptive') || attacks.length > 0
      ? []
      : [
          {
            severity: 'high',
            summary:
              'Replayed examples say nothing about an attacker who knows the defense, and the run has no attack on the model itself.',
            evidence: { sources: [...new Set(transferred.map(({ madeAgainst }) => madeAgainst))].join(', ') },
          },
        ],
});
