import {
  type DifferentiableClassifier,
  featureCount,
  formatShape,
  type ImageShape,
  type LogitLoss,
  type LossGradient,
  lossOfLogits,
  type PixelBox,
  RampartError,
  unknownName,
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
  const logits = async (images: Float32Array): Promise<Float32Array> => {
    const batch = rows(images);
    const result = new Float32Array(batch.length * classes);
    batch.forEach((image, i) => result.set(model.evaluate(image).logits, i * classes));
    return result;
  };
  const differentiated = (images: Float32Array, loss: (logits: Float64Array, i: number) => LogitLoss): LossGradient => {
    const batch = rows(images);
    const result = {
      logits: new Float32Array(batch.length * classes),
      losses: new Float32Array(batch.length),
      gradient: new Float32Array(images.length),
    };
    batch.forEach((image, i) => {
      const forward = model.evaluate(image);
      const { value, slope } = loss(forward.logits, i);
      result.logits.set(forward.logits, i * classes);
      result.losses[i] = value;
      result.gradient.set(forward.pullBack(slope), i * size);
    });
    return result;
  };
  return {
    shape,
    box,
    classes,
    logits,
    async lossGradient(images, labels, loss, rivals) {
      demandOneEach('label', labels.length, rows(images).length);
      return differentiated(images, (z, i) => lossOfLogits(z, labels[i]!, loss, rivals?.[i]));
    },
    async inner(images, layer) {
      checkLayer(layer);
      return logits(images);
    },
    async innerGradient(images, guides, layer) {
      checkLayer(layer);
      demandOneEach('guide', guides.length / classes, rows(images).length);
      return differentiated(images, (z, i) => {
        const apart = z.map((value, j) => value - guides[i * classes + j]!);
        return { value: apart.reduce((sum, value) => sum + value ** 2, 0), slope: apart.map((value) => 2 * value) };
      });
    },
  };
}

function demandOneEach(what: string, received: number, images: number): void {
  if (received === images) return;
  throw new RampartError({
    code: 'bad-data',
    message: `Expected one ${what} for each of ${images} images. Received ${received}.`,
  });
}

/** The only inner layer of a closed form is its logits. */
function checkLayer(layer = 'logits'): void {
  if (layer !== 'logits') throw unknownName('inner layer', layer, ['logits']);
}
