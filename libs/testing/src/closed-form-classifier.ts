import {
  type DifferentiableClassifier,
  featureCount,
  formatShape,
  type ImageShape,
  type LossGradient,
  lossOfLogits,
  type PixelBox,
  RampartError,
} from '@rampart/core';

/** A model of one image at a time in float64. */
export interface ClosedForm {
  readonly shape: ImageShape;
  readonly box: PixelBox;
  readonly classes: number;
  /** Logits of an image, and the function that takes d loss / d logits back to d loss / d image. */
  evaluate(image: Float32Array): {
    readonly logits: Float64Array;
    pullBack(logitGradient: Float64Array): Float64Array;
  };
}

/**
 * A classifier in pure TypeScript whose values and gradients are exact up to one rounding to float32. Images are
 * computed one by one, so results are bitwise the same whatever the batch.
 */
export function closedFormClassifier(model: ClosedForm): DifferentiableClassifier {
  const { shape, box, classes } = model;
  const size = featureCount(shape);
  const rows = (images: Float32Array): Float32Array[] => {
    if (images.length % size !== 0) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected whole images of shape ${formatShape(shape)}, ${size} values each. Received ${images.length} values.`,
      });
    }
    return Array.from({ length: images.length / size }, (_, i) => images.subarray(i * size, (i + 1) * size));
  };
  return {
    shape,
    box,
    classes,
    async logits(images) {
      const result = new Float32Array((images.length / size) * classes);
      rows(images).forEach((image, i) => result.set(model.evaluate(image).logits, i * classes));
      return result;
    },
    async lossGradient(images, labels, loss, rivals): Promise<LossGradient> {
      const batch = rows(images);
      if (labels.length !== batch.length) {
        throw new RampartError({
          code: 'bad-data',
          message: `Expected one label for each of ${batch.length} images. Received ${labels.length}.`,
        });
      }
      const logits = new Float32Array(batch.length * classes);
      const losses = new Float32Array(batch.length);
      const gradient = new Float32Array(images.length);
      batch.forEach((image, i) => {
        const forward = model.evaluate(image);
        const { value, slope } = lossOfLogits(forward.logits, labels[i]!, loss, rivals?.[i]);
        logits.set(forward.logits, i * classes);
        losses[i] = value;
        gradient.set(forward.pullBack(slope), i * size);
      });
      return { logits, losses, gradient };
    },
    // The only inner layer of a closed form is its logits.
    async inner(images) {
      return this.logits(images);
    },
    async innerGradient(images, guides): Promise<LossGradient> {
      const batch = rows(images);
      const logits = new Float32Array(batch.length * classes);
      const losses = new Float32Array(batch.length);
      const gradient = new Float32Array(images.length);
      batch.forEach((image, i) => {
        const forward = model.evaluate(image);
        const apart = forward.logits.map((value, j) => value - guides[i * classes + j]!);
        logits.set(forward.logits, i * classes);
        losses[i] = apart.reduce((sum, value) => sum + value * value, 0);
        gradient.set(forward.pullBack(apart.map((value) => 2 * value)), i * size);
      });
      return { logits, losses, gradient };
    },
  };
}
