import {
  type DifferentiableClassifier,
  featureCount,
  type ImageBatch,
  imageBatch,
  type ImageShape,
  pixelBox,
  predictions,
  PUBLICATION_BOX,
  Rng,
} from '@rampart/core';

import { linearClassifier } from './linear-classifier';
import { tanhNetwork } from './tanh-network';

/** A reference model and the instances that attacks are tried on. */
export interface AttackArena {
  readonly name: string;
  readonly classifier: DifferentiableClassifier;
  readonly images: ImageBatch;
  readonly labels: Int32Array;
}

const INSTANCES = 11;

/** Two classes apart by a plane, in the publication's box. */
export async function linearArena(): Promise<AttackArena> {
  const shape: ImageShape = { channels: 1, height: 6, width: 5 };
  const rng = Rng.root('linear arena');
  const weights = [0, 1].map(() => Array.from({ length: featureCount(shape) }, () => rng.normal()));
  const classifier = linearClassifier({ shape, box: PUBLICATION_BOX, weights, bias: [0.05, 0] });
  return arena('a linear model of 2 classes in [-0.5, 0.5]', classifier, rng);
}

/** Three classes, several channels, a box that is not symmetric about 0. */
export async function smoothArena(): Promise<AttackArena> {
  const rng = Rng.root('smooth arena');
  const shape: ImageShape = { channels: 3, height: 4, width: 4 };
  const classifier = tanhNetwork({ shape, box: pixelBox(0, 1), classes: 3, hidden: 8, rng: rng.split('weights') });
  return arena('a tanh network of 3 classes in [0, 1]', classifier, rng);
}

/** A model that answers the same for every image, so that every gradient vanishes. */
export async function flatArena(): Promise<AttackArena> {
  const shape: ImageShape = { channels: 1, height: 4, width: 4 };
  const weights = [0, 1].map(() => Array.from({ length: featureCount(shape) }, () => 0));
  const classifier = linearClassifier({ shape, box: PUBLICATION_BOX, weights, bias: [0.1, 0] });
  return arena('a model that answers the same for every image', classifier, Rng.root('flat arena'));
}

async function arena(name: string, classifier: DifferentiableClassifier, rng: Rng): Promise<AttackArena> {
  const { shape, box, classes } = classifier;
  const size = featureCount(shape);
  const data = Float32Array.from({ length: INSTANCES * size }, () => box.min + (box.max - box.min) * rng.uniform());
  // One image on the edges of the box, where a step may lead nowhere.
  for (let k = 0; k < size; k++) data[k] = k % 2 === 0 ? box.min : box.max;
  const labels = predictions(await classifier.logits(data), classes);
  // And two that are misclassified from the start.
  for (const i of [INSTANCES - 4, INSTANCES - 1]) labels[i] = (labels[i]! + 1) % classes;
  return { name, classifier, images: imageBatch(data, shape, box), labels };
}
