import { withEstimatedGradients } from '@rampart/core';
import { type Model, readModel } from '@rampart/onnx';

import { gradientNote } from './gradient-note';
import {
  type ClassifierOptions,
  type DifferentiableOnnxClassifier,
  openClassifier,
  verifierOf,
} from './open-classifier';
import { prepareModel } from './prepare';

/** Seeds the directions of estimates; attacks have randomness of their own. */
const SEED = 1;

/**
 * Opens a model for attacks: with its own gradients, or with estimated ones where its metadata say so.
 * @throws RampartError `bad-model` when it is no classifier of images
 */
export async function openForAttack(
  file: Uint8Array | Model,
  options: ClassifierOptions = {},
): Promise<DifferentiableOnnxClassifier> {
  const model = file instanceof Uint8Array ? readModel(file) : file;
  const note = gradientNote(model);
  if (note === undefined || note === 'straight-through') return openClassifier(model, options);
  const forward = await verifierOf(await prepareModel(model, options), options);
  return withEstimatedGradients(forward, { ...note, seed: SEED });
}
