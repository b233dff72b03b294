import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, stepFrom, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { ADVERSARIAL, IMAGES, LABELS } from './training-plan';

/**
 * The weighted objective of Goodfellow et al. (2015, section 6): alpha times the cross-entropy at the image, plus
 * 1 - alpha times that at its fast gradient sign example.
 */
export const goodfellow = defineDefense({
  name: 'goodfellow',
  summary: 'The loss at the image and at its fast gradient sign example, weighted.',
  source: 'Goodfellow, Shlens, Szegedy 2015, "Explaining and harnessing adversarial examples", section 6',
  version: 2,
  feasible: true,
  params: z.object({
    ...threatSettings,
    alpha: z.number().min(0).lt(1).default(0.5).describe('Weight of the loss at the image.'),
    ...trainingSettings,
  }),
  harden: (params, problem) =>
    trainAgainst(
      params,
      {
        terms: [crossEntropyOf(IMAGES, params.alpha), crossEntropyOf(ADVERSARIAL, 1 - params.alpha)],
        inner: stepFrom(params, { view: LABELS }),
        threat: threatOf(params),
      },
      problem,
    ),
});
