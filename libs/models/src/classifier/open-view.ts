import {
  featureCount,
  type ModelView,
  RampartError,
  Rng,
  smoothedClassifier,
  type SpsaOptions,
  withEstimatedGradients,
} from '@rampart/core';
import { type Model, readModel } from '@rampart/onnx';

import { gradientNote } from './gradient-note';
import { type LookOptions, withInnerLogits } from './inner-logits';
import { withLogProbabilities } from './log-probabilities';
import {
  classifierOf,
  type ClassifierOptions,
  type DifferentiableOnnxClassifier,
  sessionOptions,
  verifierOf,
} from './open-classifier';
import { type PreparedModel, prepareModel } from './prepare';

export interface ViewOptions extends ClassifierOptions {
  /** Images that tell what the model's values mean, [count, features]; 256 or fewer do. Random ones are added. */
  readonly images?: Float32Array;
  /** Seeds noise and estimates. Default 1. */
  readonly seed?: number;
}

/** Random images that decisions are compared on, and mixtures of given ones with such. */
const RANDOM_IMAGES = 64;

/** How gradients are estimated where the file does not say: the radius is a part of the box. */
const ESTIMATE = { samples: 32, radius: 0.05 };

/**
 * Opens a model as an attack may look at it. A note in the file that its gradients are to be estimated does not count:
 * the view says so.
 * @returns undefined where the model has no such view: no inner value decides as its output does, or its outputs are no
 *   probabilities
 * @throws RampartError `bad-model` when it is no classifier of images
 */
export async function openView(
  file: Uint8Array | Model,
  view: ModelView,
  options: ViewOptions = {},
): Promise<DifferentiableOnnxClassifier | undefined> {
  const model = file instanceof Uint8Array ? readModel(file) : file;
  const prepared = await prepareView(model, view, options);
  if (!prepared) return undefined;
  const { seed = 1 } = options;
  const classifier =
    view.gradients === 'estimated'
      ? withEstimatedGradients(await verifierOf(prepared, options), { ...estimateOf(model, prepared), seed })
      : await classifierOf(prepared, options, view.backward === 'straight-through' || undefined);
  return view.smoothing ? smoothedClassifier(classifier, { ...view.smoothing, seed }) : classifier;
}

/** The model with what a view takes as images and as logits. */
export async function prepareView(
  file: Uint8Array | Model,
  { logits, feed }: Pick<ModelView, 'logits' | 'feed'>,
  options: ViewOptions,
): Promise<PreparedModel | undefined> {
  const prepared = await prepareModel(file, { ...options, ...(feed && { feed }) });
  if (logits === undefined) return prepared;
  const images = withRandom(options.images ?? new Float32Array(0), prepared);
  const look: LookOptions = { ...options, images, session: sessionOptions(prepared, options) };
  return logits === 'inner' ? withInnerLogits(prepared, look) : withLogProbabilities(prepared, look);
}

function estimateOf(model: Model, { box }: PreparedModel): SpsaOptions {
  const note = gradientNote(model);
  return typeof note === 'object' ? note : { ...ESTIMATE, radius: ESTIMATE.radius * (box.max - box.min) };
}

/** Some images, random ones in their box, and mixtures of the two, which lie between the classes. */
function withRandom(images: Float32Array, { shape, box }: PreparedModel): Float32Array {
  const features = featureCount(shape);
  if (images.length % features !== 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `Expected images of ${features} values each. Received ${images.length} values.`,
    });
  }
  const rng = Rng.root('view');
  const random = Float32Array.from(
    { length: RANDOM_IMAGES * features },
    () => box.min + (box.max - box.min) * rng.uniform(),
  );
  const mixed = images.subarray(0, random.length).map((value, i) => (value + random[i]!) / 2);
  const all = new Float32Array(images.length + random.length + mixed.length);
  all.set(images);
  all.set(random, images.length);
  all.set(mixed, images.length + random.length);
  return all;
}
