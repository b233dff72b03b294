import type { DifferentiableClassifier } from './classifier';
import { featureCount } from './image-batch';

/**
 * A classifier whose answers are means over several evaluations of each image: the expectation over its random numbers
 * (EOT; Athalye et al. 2018, section 4.1) of a model that draws some.
 */
export function averagedClassifier(model: DifferentiableClassifier, samples: number): DifferentiableClassifier {
  if (samples === 1) return model;
  const features = featureCount(model.shape);
  const { inner, innerGradient, scores } = model;
  const averaged: DifferentiableClassifier = {
    shape: model.shape,
    box: model.box,
    classes: model.classes,
    logits: async (images) => mean(await model.logits(repeat(images, features, samples)), model.classes, samples),
    ...(scores && {
      scores: async (images) => mean(await scores(repeat(images, features, samples)), model.classes + 1, samples),
    }),
    async lossGradient(images, labels, loss, rivals) {
      const { logits, losses, gradient, ...rest } = await model.lossGradient(
        repeat(images, features, samples),
        repeat(labels, 1, samples),
        loss,
        rivals && repeat(rivals, 1, samples),
      );
      return {
        logits: mean(logits, model.classes, samples),
        losses: mean(losses, 1, samples),
        gradient: mean(gradient, features, samples),
        ...(rest.scores && { scores: mean(rest.scores, model.classes + 1, samples) }),
      };
    },
    ...(inner && {
      inner: async (images, layer) => {
        const values = await inner(repeat(images, features, samples), layer);
        return mean(values, (values.length * features) / (images.length * samples), samples);
      },
    }),
    ...(innerGradient && {
      innerGradient: async (images, guides, layer) => {
        const size = (guides.length * features) / images.length;
        const of = await innerGradient(repeat(images, features, samples), repeat(guides, size, samples), layer);
        return {
          logits: mean(of.logits, model.classes, samples),
          losses: mean(of.losses, 1, samples),
          gradient: mean(of.gradient, features, samples),
        };
      },
    }),
  };
  return averaged;
}

/** Every row several times in a row. */
function repeat<T extends Float32Array | Int32Array>(rows: T, size: number, times: number): T {
  const result = new (rows.constructor as new (length: number) => T)(rows.length * times);
  for (let i = 0; i < rows.length / size; i++) {
    const row = rows.subarray(i * size, (i + 1) * size);
    for (let t = 0; t < times; t++) result.set(row, (i * times + t) * size);
  }
  return result;
}

/** The mean of every `times` rows. */
function mean(rows: Float32Array, size: number, times: number): Float32Array {
  const result = new Float32Array(rows.length / times);
  for (let i = 0; i < result.length / size; i++) {
    for (let k = 0; k < size; k++) {
      let sum = 0;
      for (let t = 0; t < times; t++) sum += rows[(i * times + t) * size + k]!;
      result[i * size + k] = sum / times;
    }
  }
  return result;
}
