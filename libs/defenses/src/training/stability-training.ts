import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { ADVERSARIAL, IMAGES, LOGITS } from './training-plan';

/**
 * Stability training (Zheng et al. 2016, equations 1 and 9): the cross-entropy at the image, plus alpha times that of
 * the answers to a noisy copy with the answers to the image.
 */
export const stabilityTraining = defineDefense({
  name: 'stability-training',
  summary: 'Stability training: answers to a noisy copy stay those to the image.',
  source:
    'Zheng, Song, Leung, Goodfellow 2016, "Improving the robustness of deep neural networks via stability training"',
  version: 2,
  feasible: true,
  params: z.object({
    alpha: z.number().positive().default(0.01).describe('Weight of the stability.'),
    deviation: z.number().positive().default(0.2).describe('Of the noise, a pixel.').meta({ shown: true }),
    ...threatSettings,
    ...trainingSettings,
  }),
  harden: (params, problem) =>
    trainAgainst(
      params,
      {
        terms: [
          crossEntropyOf(IMAGES),
          {
            loss: 'cross-entropy',
            input: ADVERSARIAL,
            output: LOGITS,
            target: { answerTo: IMAGES },
            weight: params.alpha,
          },
        ],
        inner: {
          ...{ against: 'own', norm: params.norm, epsilon: params.epsilon },
          ...{ steps: 0, length: params.epsilon, start: { deviation: params.deviation } },
        },
        threat: threatOf(params),
      },
      problem,
    ),
});
