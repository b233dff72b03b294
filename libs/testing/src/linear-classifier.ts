import { type DifferentiableClassifier, featureCount, type ImageShape, type PixelBox } from '@rampart/core';

import { closedFormClassifier } from './closed-form-classifier';

/** The weights of a linear model. */
export interface LinearModel {
  readonly shape: ImageShape;
  readonly box: PixelBox;
  /** One row of as many weights as an image has features for each class. */
  readonly weights: readonly (readonly number[])[];
  /** One value a class; zeros when left out. */
  readonly bias?: readonly number[];
}

/**
 * The classifier with logits W x + b, for which attacks have closed forms: the margin changes by exactly the
 * weights' difference times the step.
 */
export function linearClassifier({ shape, box, weights, bias }: LinearModel): DifferentiableClassifier {
  const size = featureCount(shape);
  return closedFormClassifier({
    shape,
    box,
    classes: weights.length,
    evaluate: (image) => ({
      logits: Float64Array.from(weights, (row, j) => {
        let sum = bias?.[j] ?? 0;
        for (let k = 0; k < size; k++) sum += row[k]! * image[k]!;
        return sum;
      }),
      pullBack(slope) {
        const gradient = new Float64Array(size);
        weights.forEach((row, j) => {
          for (let k = 0; k < size; k++) gradient[k]! += slope[j]! * row[k]!;
        });
        return gradient;
      },
    }),
  });
}
