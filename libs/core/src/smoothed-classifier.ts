import { lossesOfLogits } from './attack-loss';
import { answersOf, type DifferentiableClassifier, type LossGradient } from './classifier';
import { RampartError } from './error';
import { featureCount } from './image-batch';
import { clip } from './pixel-box';
import { Rng } from './rng';

export interface SmoothingOptions {
  /** Standard deviation of the noise, in the units of the pixel box. */
  readonly radius: number;
  /** Draws that a gradient is the mean of; each costs one gradient evaluation. */
  readonly samples: number;
  readonly seed: number;
}

/**
 * A classifier whose gradients are means over Gaussian noise added to the images, within the box: those of the model
 * smoothed (Athalye et al. 2018, section 4.1), where its own point in all directions. Logits and losses are those of
 * the images as they are. The draws are the same for every image and call, so neither batches nor order change a
 * gradient.
 * @throws RampartError `usage` unless there are samples and a radius above 0
 */
export function smoothedClassifier<C extends DifferentiableClassifier>(
  model: C,
  { radius, samples, seed }: SmoothingOptions,
): C {
  if (!(Number.isInteger(samples) && samples > 0 && radius > 0 && Number.isFinite(radius))) {
    throw new RampartError({
      code: 'usage',
      message: `Gradients are smoothed over 1 or more samples within a radius above 0. Received: samples=${samples}, radius=${radius}.`,
    });
  }
  const features = featureCount(model.shape);
  const root = Rng.root(seed).split('smoothing');
  const noise = Array.from({ length: samples }, (_, sample) => {
    const rng = root.split(sample);
    return Float32Array.from({ length: features }, () => radius * rng.normal());
  });
  const moved = (images: Float32Array, by: Float32Array) =>
    images.map((value, i) => clip(value + by[i % features]!, model.box));
  /** The mean gradient around the images. */
  const around = async (images: Float32Array, ask: (images: Float32Array) => Promise<LossGradient>) => {
    const sums = new Float64Array(images.length);
    for (const by of noise) {
      const { gradient } = await ask(moved(images, by));
      for (let i = 0; i < sums.length; i++) sums[i]! += gradient[i]!;
    }
    return Float32Array.from(sums, (sum) => sum / samples);
  };
  const lossGradient: DifferentiableClassifier['lossGradient'] = async (images, labels, loss, rivals) => {
    const { logits, scores } = await answersOf(model, images);
    const losses = lossesOfLogits(logits, model.classes, { labels, loss, rivals });
    const gradient = await around(images, (near) => model.lossGradient(near, labels, loss, rivals));
    return { logits, losses, gradient, ...(scores && { scores }) };
  };
  const { innerGradient } = model;
  const innerSmoothed: DifferentiableClassifier['innerGradient'] =
    innerGradient &&
    (async (images, guides, layer) => ({
      ...(await innerGradient(images, guides, layer)),
      gradient: await around(images, (near) => innerGradient(near, guides, layer)),
    }));
  // Of the model's prototype, as its own methods may be there.
  const smoothed = Object.create(model) as C;
  return Object.assign(smoothed, { lossGradient, ...(innerSmoothed && { innerGradient: innerSmoothed }) });
}
