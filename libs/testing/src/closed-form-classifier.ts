import {
  argmax,
  type AttackLoss,
  type DifferentiableClassifier,
  featureCount,
  formatShape,
  type ImageShape,
  type LossGradient,
  margin,
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
    async lossGradient(images, labels, loss): Promise<LossGradient> {
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
        const { value, slope } = lossOfLogits(forward.logits, labels[i]!, loss);
        logits.set(forward.logits, i * classes);
        losses[i] = value;
        gradient.set(forward.pullBack(slope), i * size);
      });
      return { logits, losses, gradient };
    },
  };
}

/** A loss of one row of logits and its derivatives with respect to them. */
export function lossOfLogits(
  logits: ArrayLike<number>,
  label: number,
  loss: AttackLoss,
): { value: number; slope: Float64Array } {
  const classes = logits.length;
  const slope = new Float64Array(classes);
  if (loss === 'margin') {
    const others = Array.from(logits, (value, j) => (j === label ? -Infinity : value));
    slope[label] = 1;
    slope[argmax(others, 0, classes)] = -1;
    return { value: margin(logits, 0, classes, label), slope };
  }
  // In differences to the label's logit, so that the loss of a confident model does not vanish in 1 - softmax.
  const differences = Array.from(logits, (value) => value - logits[label]!);
  const largest = Math.max(...differences);
  const exponentials = differences.map((difference) => Math.exp(difference - largest));
  const others = exponentials.reduce((total, value, j) => total + (j === label ? 0 : value), 0);
  const sum = others + exponentials[label]!;
  exponentials.forEach((value, j) => (slope[j] = j === label ? -others / sum : value / sum));
  const value = largest === 0 ? Math.log1p(others) : Math.log(sum) + largest;
  return { value, slope };
}
