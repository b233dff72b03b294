import { defineDefense, type Rng } from '@rampart/core';
import { z } from 'zod';

import { crossEntropyOf, threatOf } from './objectives';
import { threatSettings, trainingSettings } from './settings';
import { trainAgainst } from './train-against';
import { IMAGES, LOGITS } from './training-plan';

/** The view of random directions among the logits. */
const DIRECTIONS = 'directions';

/**
 * Jacobian regularisation (Hoffman, Roberts and Yaida 2019, equations 3 and 7): the cross-entropy, plus half of lambda
 * times the squared Frobenius norm of the logits' Jacobian, estimated along one random direction a sample and step. It
 * differentiates twice, which the onnx engine alone does.
 */
export const jacobianRegularisation = defineDefense({
  name: 'jacobian-regularisation',
  summary: "The loss plus the squared norm of the logits' Jacobian; the onnx engine's alone.",
  source: 'Hoffman, Roberts, Yaida 2019, "Robust learning with Jacobian regularization", equations 3 and 7',
  version: 1,
  params: z.object({
    lambda: z
      .number()
      .positive()
      .default(0.01)
      .describe("Weight of half the Jacobian's squared norm.")
      .meta({ shown: true }),
    ...threatSettings,
    ...trainingSettings,
  }),
  harden(params, problem) {
    const { classes } = problem;
    // The mean over unit directions is the squared norm divided by the number of classes.
    const weight = (params.lambda / 2) * classes;
    return trainAgainst(
      params,
      {
        terms: [
          crossEntropyOf(IMAGES),
          { loss: 'jacobian', input: IMAGES, output: LOGITS, target: DIRECTIONS, weight },
        ],
        threat: threatOf(params),
        views: (count) => ({ [DIRECTIONS]: { data: new Float32Array(count * classes), shape: [classes] } }),
        onBatch: ({ views }, rng) => drawDirections(views[DIRECTIONS]!.data, classes, rng),
      },
      problem,
    );
  },
});

/** Writes rows drawn uniformly from the unit sphere. */
function drawDirections(rows: Float32Array, size: number, rng: Rng): void {
  for (let at = 0; at < rows.length; at += size) {
    const row = rows.subarray(at, at + size);
    for (let k = 0; k < size; k++) row[k] = rng.normal();
    const length = Math.hypot(...row);
    for (let k = 0; k < size; k++) row[k]! /= length;
  }
}
