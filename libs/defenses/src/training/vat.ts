import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { ADVERSARIAL, IMAGES, LOGITS } from './training-plan';

/** The view of the model's own answers, which count as constants. */
const ANSWERS = 'answers';

/**
 * Virtual adversarial training (Miyato et al. 2018, equation 8): the cross-entropy of the labelled images, plus alpha
 * times the divergence of the answers in the direction in which they change most, found by power iteration. That needs
 * no label, so images without one take part: those whose label is -1, or that come after the first `labelled`.
 */
export const vat = defineDefense({
  name: 'vat',
  summary: 'Virtual adversarial training: answers stay the same where they would change most, also without labels.',
  source: 'Miyato, Maeda, Koyama, Ishii 2018, equation 8 and section 3.2',
  version: 2,
  feasible: true,
  params: z.object({
    epsilon: threatSettings.epsilon
      .unwrap()
      .default(1.5)
      .describe('Euclidean length of a change.')
      .meta({ shown: true }),
    alpha: z.number().positive().default(1).describe('Weight of the divergence.'),
    iterations: z.int().positive().default(1).describe('Power iterations.'),
    xi: z.number().positive().default(0.01).describe('How far from the image, a pixel, gradients are taken.'),
    labelled: z.int().positive().optional().describe('Training images whose label is used. Default: all.'),
    ...trainingSettings,
  }),
  harden: (params, problem) =>
    trainAgainst(
      params,
      {
        terms: [
          crossEntropyOf(IMAGES),
          { loss: 'kl', input: ADVERSARIAL, output: LOGITS, target: ANSWERS, weight: params.alpha },
        ],
        inner: {
          ...{ power: true, against: 'own', keep: ANSWERS, norm: 'l2', epsilon: params.epsilon },
          ...{ steps: params.iterations, length: params.epsilon, start: { deviation: params.xi } },
        },
        threat: threatOf({ norm: 'l2', epsilon: params.epsilon }),
        unlabelled: true,
        labelled: params.labelled,
      },
      problem,
    ),
});
