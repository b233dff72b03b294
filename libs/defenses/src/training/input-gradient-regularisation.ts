import { defineDefense } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { IMAGES, LABELS, LOGITS } from './training-plan';

/**
 * Input gradient regularisation (Ross and Doshi-Velez 2018, equation 5; double backpropagation, Drucker and LeCun 1992):
 * the cross-entropy, plus lambda times the squared norm of its gradient with respect to the image. It differentiates
 * twice, which the onnx engine alone does.
 */
export const inputGradientRegularisation = defineDefense({
  name: 'input-gradient-regularisation',
  summary: "The loss plus the squared norm of its gradient with respect to the image; the onnx engine's alone.",
  source: 'Ross, Doshi-Velez 2018, equation 5; Drucker, LeCun 1992',
  version: 1,
  params: z.object({
    lambda: z.number().positive().default(1).describe("Weight of the gradient's squared norm.").meta({ shown: true }),
    ...threatSettings,
    ...trainingSettings,
  }),
  harden: (params, problem) =>
    trainAgainst(
      params,
      {
        terms: [
          crossEntropyOf(IMAGES),
          { loss: 'input-gradient', input: IMAGES, output: LOGITS, target: LABELS, weight: params.lambda },
        ],
        threat: threatOf(params),
      },
      problem,
    ),
});
