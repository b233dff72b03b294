import { formatComponent, parseComponent, RampartError, type SpsaOptions, withEstimatedGradients } from '@rampart/core';
import { type Model, readModel, writeModel } from '@rampart/onnx';

import {
  type ClassifierOptions,
  type DifferentiableOnnxClassifier,
  openClassifier,
  openVerifier,
} from './open-classifier';

/** The metadata entry of a model that is attacked with estimated gradients: `spsa(samples=32, radius=0.05)`. */
const GRADIENT = 'rampart.gradient';

/** Seeds the directions of estimates; attacks have randomness of their own. */
const SEED = 1;

/** The model with a note that attacks on it are to estimate its gradients. */
export function withEstimationNoted(file: Uint8Array, { samples, radius }: SpsaOptions): Uint8Array {
  const model = readModel(file);
  const text = formatComponent({ name: 'spsa', params: { samples, radius } });
  return writeModel({ ...model, metadata: new Map([...model.metadata, [GRADIENT, text]]) });
}

/** Whether a model's metadata say that attacks on it are to estimate its gradients. */
export function isEstimated(file: Uint8Array): boolean {
  return readModel(file).metadata.has(GRADIENT);
}

/**
 * Opens a model for attacks: with its true gradients, or with estimated ones where its metadata say so.
 * @throws RampartError `bad-model` when it is no classifier of images
 */
export async function openForAttack(
  file: Uint8Array | Model,
  options: ClassifierOptions = {},
): Promise<DifferentiableOnnxClassifier> {
  const model = file instanceof Uint8Array ? readModel(file) : file;
  const estimated = model.metadata.get(GRADIENT);
  if (estimated === undefined) return openClassifier(model, options);
  return withEstimatedGradients(await openVerifier(model, options), { ...parseNote(estimated), seed: SEED });
}

function parseNote(text: string): SpsaOptions {
  const { name, params } = parseComponent(text);
  const { samples, radius } = params;
  if (name === 'spsa' && typeof samples === 'number' && typeof radius === 'number') return { samples, radius };
  throw new RampartError({
    code: 'bad-model',
    message: `The model's metadata entry "${GRADIENT}" cannot be read. Expected a value such as "spsa(samples=32, radius=0.05)". Received: "${text}".`,
  });
}
