import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { ADVERSARIAL, LABELS } from './training-plan';

/**
 * Free adversarial training (Shafahi et al. 2019, algorithm 1): each batch is replayed, and the backward pass that
 * trains the weights also moves the changes of the images, which the next step starts from.
 */
export const free = defineDefense({
  name: 'free',
  summary: 'Free adversarial training: one backward pass moves weights and examples, every batch several times.',
  source: 'Shafahi et al. 2019, "Adversarial training for free!", algorithm 1',
  version: 1,
  feasible: true,
  params: z.object({
    epsilon: threatSettings.epsilon,
    replays: z.int().positive().default(8).describe('Steps on every batch: m of the paper.'),
    ...trainingSettings,
  }),
  harden: (params, problem) =>
    trainAgainst(
      params,
      {
        terms: [crossEntropyOf(ADVERSARIAL)],
        inner: {
          ...{ free: true, against: { view: LABELS }, norm: 'linf', epsilon: params.epsilon },
          ...{ steps: 0, length: params.epsilon, start: 'original' },
        },
        threat: { norm: 'linf', epsilon: params.epsilon },
        replays: params.replays,
      },
      problem,
    ),
});
