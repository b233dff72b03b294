import {
  type DifferentiableClassifier,
  featureCount,
  imageBatch,
  type ImageShape,
  type LabelledImages,
  predictions,
  PUBLICATION_BOX,
  Rng,
} from '@rampart/core';

import { type ClosedForm, closedFormClassifier } from './closed-form-classifier';
import { tanhForm } from './tanh-network';

/** A small honest model, and test images of which it gets nearly all right. */
export interface AuditArena {
  /** For those who put a fault before or behind it. */
  readonly form: ClosedForm;
  readonly model: DifferentiableClassifier;
  readonly test: LabelledImages;
}

export interface AuditArenaOptions {
  readonly classes?: number;
  readonly instances?: number;
  readonly shape?: ImageShape;
  readonly seed?: string;
}

/** One test image in so many has a label that the model does not give. */
const WRONG_IN = 25;

/** A tanh network of few classes in the publication's box, and images of 256 levels that it classifies. */
export async function auditArena({
  classes = 3,
  instances = 120,
  shape = { channels: 1, height: 6, width: 6 },
  seed = 'audit arena',
}: AuditArenaOptions = {}): Promise<AuditArena> {
  const rng = Rng.root(seed);
  const box = PUBLICATION_BOX;
  const form = tanhForm({ shape, box, classes, hidden: 10, rng: rng.split('weights') });
  const model = closedFormClassifier(form);
  const size = featureCount(shape);
  const levels = rng.split('images');
  const data = Float32Array.from({ length: instances * size }, () => box.min + levels.integer(256) / 255);
  const labels = predictions(await model.logits(data), classes);
  for (let i = WRONG_IN - 1; i < instances; i += WRONG_IN) labels[i] = (labels[i]! + 1) % classes;
  return { form, model, test: { images: imageBatch(data, shape, box), labels } };
}
