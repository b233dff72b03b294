import { type DifferentiableClassifier, featureCount, type ImageShape, type PixelBox, type Rng } from '@rampart/core';

import { type ClosedForm, closedFormClassifier } from './closed-form-classifier';

/** Size and origin of a small network. */
export interface TanhNetwork {
  readonly shape: ImageShape;
  readonly box: PixelBox;
  readonly classes: number;
  readonly hidden: number;
  /** Draws the weights. */
  readonly rng: Rng;
}

/** The classifier with logits V tanh(W x + a) + b, smooth and not linear, with weights drawn from a generator. */
export function tanhNetwork(network: TanhNetwork): DifferentiableClassifier {
  return closedFormClassifier(tanhForm(network));
}

/** The same as a form, for those who put something before or behind it. */
export function tanhForm({ shape, box, classes, hidden, rng }: TanhNetwork): ClosedForm {
  const size = featureCount(shape);
  const draw = (count: number, scale: number) => Float64Array.from({ length: count }, () => scale * rng.normal());
  const first = draw(hidden * size, 2 / Math.sqrt(size));
  const firstBias = draw(hidden, 0.1);
  const second = draw(classes * hidden, 2 / Math.sqrt(hidden));
  const secondBias = draw(classes, 0.1);
  return {
    shape,
    box,
    classes,
    evaluate(image) {
      const activations = firstBias.map((bias, h) => {
        let sum = bias;
        for (let k = 0; k < size; k++) sum += first[h * size + k]! * image[k]!;
        return Math.tanh(sum);
      });
      const logits = secondBias.map((bias, j) => {
        let sum = bias;
        for (let h = 0; h < hidden; h++) sum += second[j * hidden + h]! * activations[h]!;
        return sum;
      });
      return {
        logits,
        pullBack(slope) {
          const gradient = new Float64Array(size);
          for (let h = 0; h < hidden; h++) {
            let back = 0;
            for (let j = 0; j < classes; j++) back += slope[j]! * second[j * hidden + h]!;
            back *= 1 - activations[h]! ** 2;
            for (let k = 0; k < size; k++) gradient[k]! += back * first[h * size + k]!;
          }
          return gradient;
        },
      };
    },
  };
}
