import { type DifferentiableClassifier, featureCount, margin, predictions, type Rng } from '@rampart/core';

import type { GradientFact } from './inspection';

/** Elements of each image that are compared: half of them those of the largest derivative, half drawn. */
const ELEMENTS = 12;
/** How far an element is moved to either side, in widths of the pixel box. */
const STEPS = [0.016, 0.008, 0.004, 0.002, 0.001, 0.0005];

/**
 * Compares the derived gradient of the margin with central finite differences. Between two points a network of
 * piecewise linear operators has kinks, where a difference says nothing about the derivative at the middle: of
 * several step sizes each element takes the two neighbours that agree best with each other, whatever was derived.
 */
export async function checkGradient(
  classifier: DifferentiableClassifier,
  images: Float32Array,
  rng: Rng,
): Promise<GradientFact> {
  const { box, classes } = classifier;
  const size = featureCount(classifier.shape);
  const count = images.length / size;
  const labels = predictions(await classifier.logits(images), classes);
  const { gradient } = await classifier.lossGradient(images, labels, 'margin');

  const derived: number[] = [];
  const measured: number[] = [];
  for (let image = 0; image < count; image++) {
    const own = gradient.subarray(image * size, (image + 1) * size);
    const original = images.subarray(image * size, (image + 1) * size);
    const elements = chooseElements(own, rng.split(image));
    const points = new Float32Array(elements.length * STEPS.length * 2 * size);
    const at = (element: number, step: number, side: number) => ((element * STEPS.length + step) * 2 + side) * size;
    elements.forEach((k, element) =>
      STEPS.forEach((step, s) =>
        [1, -1].forEach((sign, side) => {
          points.set(original, at(element, s, side));
          points[at(element, s, side) + k] = original[k]! + sign * step * (box.max - box.min);
        }),
      ),
    );
    const logits = await classifier.logits(points);
    const marginAt = (offset: number) => margin(logits, (offset / size) * classes, classes, labels[image]!);
    elements.forEach((k, element) => {
      const slopes = STEPS.map((_, s) => {
        const [up, down] = [at(element, s, 0), at(element, s, 1)];
        return (marginAt(up) - marginAt(down)) / (points[up + k]! - points[down + k]!);
      });
      derived.push(own[k]!);
      measured.push(steadiest(slopes));
    });
  }
  const norm = (values: readonly number[]) => Math.hypot(...values);
  const difference = norm(derived.map((value, i) => value - measured[i]!));
  const share = (test: (value: number) => boolean) => gradient.filter(test).length / gradient.length;
  return {
    error: norm(measured) === 0 && difference === 0 ? null : difference / norm(measured),
    compared: derived.length,
    zero: share((value) => value === 0),
    nan: share((value) => Number.isNaN(value)),
    infinite: share((value) => Math.abs(value) === Infinity),
  };
}

function chooseElements(gradient: Float32Array, rng: Rng): number[] {
  const order = Array.from(gradient.keys()).toSorted((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!));
  const largest = order.slice(0, ELEMENTS / 2);
  const others = order.slice(ELEMENTS / 2);
  const drawn = Array.from(
    { length: Math.min(ELEMENTS / 2, others.length) },
    () => others[rng.integer(others.length)]!,
  );
  return [...largest, ...drawn];
}

/** The mean of the two neighbouring slopes that differ least, extrapolated to step 0 (Richardson). */
function steadiest(slopes: readonly number[]): number {
  let best = slopes.at(-1)!;
  let least = Infinity;
  for (let s = 0; s + 1 < slopes.length; s++) {
    const [wide, narrow] = [slopes[s]!, slopes[s + 1]!];
    if (Math.abs(wide - narrow) >= least) continue;
    least = Math.abs(wide - narrow);
    best = (4 * narrow - wide) / 3;
  }
  return best;
}
