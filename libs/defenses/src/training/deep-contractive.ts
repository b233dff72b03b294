import { defineDefense } from '@rampart/core';
import { checkContraction } from '@rampart/training';
import { z } from 'zod';

import { crossEntropyOf, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { IMAGES, LOGITS } from './training-plan';

/**
 * Deep contractive network (Gu and Rigazio 2014): the cross-entropy, plus lambda times the sum over the
 * layers of the squared Frobenius norm of each one's Jacobian with respect to the layer before. A layer is one with
 * weights and the element-wise activation behind it; pooling has no weights and is left out. It is the layer-wise
 * approximation of the Jacobian of the whole, and differentiates activations twice, which the onnx engine alone does.
 */
export const deepContractive = defineDefense({
  name: 'deep-contractive',
  summary: "The loss plus the squared norms of the layers' Jacobians; the onnx engine's alone.",
  source: 'Gu, Rigazio 2014, "Towards deep neural network architectures robust to adversarial examples"',
  version: 1,
  params: z.object({
    lambda: z
      .number()
      .positive()
      .default(0.0001)
      .describe("Weight of the sum of the squared norms of the layers' Jacobians.")
      .meta({ shown: true }),
    ...threatSettings,
    ...trainingSettings,
  }),
  check: checkContraction,
  harden: (params, problem) =>
    trainAgainst(
      params,
      {
        terms: [crossEntropyOf(IMAGES), { loss: 'contraction', input: IMAGES, output: LOGITS, weight: params.lambda }],
        threat: threatOf(params),
      },
      problem,
    ),
});
