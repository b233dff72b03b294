import { type DifferentiableClassifier, featureCount, margin, predictions, type Rng } from '@rampart/core';

import type { GradientFact } from './inspection';

/** Elements of each image that are compared: half of them those of the largest derivative, half drawn. */
const ELEMENTS = 12;
/** How far an element is moved to either side, in widths of the pixel box. */
const STEPS = [0.016, 0.008, 0.004, 0.002, 0.001, 0.0005];
/** The same in levels, where only these are told apart: whole ones, so that the rounding takes nothing away. */
const LEVELS = [16, 8, 4, 2, 1];

/** A slope that is settled changes by less than this part of itself, or of the steepest one, from step to step. */
const SETTLED = { own: 0.01, steepest: 0.002 };
/** The slopes to both sides may differ by more, as smooth functions bend. */
const SIDES = 10;

/**
 * Compares the derived gradient of the margin with central finite differences. Between two points a network of
 * piecewise linear operators has kinks, where a difference says nothing about the derivative at the middle: of
 * several step sizes each element takes the two neighbours that agree best with each other, and elements at which
 * none agree, or at which the slopes to both sides do not, are left out; all of this whatever was derived.
 * @param level how far apart in the pixel box what the model rounds to is; undefined where it rounds nothing
 * @returns beside it the gradient of the margin, [images, features]
 */
export async function checkGradient(
  classifier: DifferentiableClassifier,
  images: Float32Array,
  rng: Rng,
  level?: number,
): Promise<GradientFact & { readonly gradient: Float32Array }> {
  const { box, classes } = classifier;
  const steps = level ? LEVELS.map((one) => one * level) : STEPS.map((step) => step * (box.max - box.min));
  const size = featureCount(classifier.shape);
  const count = images.length / size;
  const unmoved = await classifier.logits(images);
  const labels = predictions(unmoved, classes);
  const { gradient } = await classifier.lossGradient(images, labels, 'margin');

  const derived: number[] = [];
  const measured: number[] = [];
  for (let image = 0; image < count; image++) {
    const own = gradient.subarray(image * size, (image + 1) * size);
    const original = images.subarray(image * size, (image + 1) * size);
    const elements = chooseElements(own, rng.split(image));
    const points = new Float32Array(elements.length * steps.length * 2 * size);
    const at = (element: number, step: number, side: number) => ((element * steps.length + step) * 2 + side) * size;
    elements.forEach((k, element) =>
      steps.forEach((step, s) =>
        [1, -1].forEach((sign, side) => {
          points.set(original, at(element, s, side));
          points[at(element, s, side) + k] = original[k]! + sign * step;
        }),
      ),
    );
    const logits = await classifier.logits(points);
    const marginAt = (offset: number) => margin(logits, (offset / size) * classes, classes, labels[image]!);
    const middle = margin(unmoved, image * classes, classes, labels[image]!);
    const slopes = elements.map((k, element) =>
      steps.map((_, s): Slope => {
        const [up, down] = [at(element, s, 0), at(element, s, 1)];
        const [right, left] = [points[up + k]! - original[k]!, original[k]! - points[down + k]!];
        const [above, below] = [marginAt(up), marginAt(down)];
        return {
          central: (above - below) / (right + left),
          right: (above - middle) / right,
          left: (middle - below) / left,
        };
      }),
    );
    const steepest = Math.max(...slopes.map((some) => Math.abs(some.at(-1)!.central)));
    elements.forEach((k, element) => {
      const slope = settled(slopes[element]!, steepest);
      if (slope === undefined) return;
      derived.push(own[k]!);
      measured.push(slope);
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
    gradient,
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

/** Differences at one step size. */
interface Slope {
  readonly central: number;
  readonly right: number;
  readonly left: number;
}

/** The two neighbouring slopes that differ least, extrapolated to step 0 (Richardson); undefined at a kink. */
function settled(slopes: readonly Slope[], steepest: number): number | undefined {
  let best: readonly [Slope, Slope] | undefined;
  let least = Infinity;
  for (let s = 0; s + 1 < slopes.length; s++) {
    const [wide, narrow] = [slopes[s]!, slopes[s + 1]!];
    const change = Math.abs(wide.central - narrow.central);
    if (!(change < least)) continue;
    least = change;
    best = [wide, narrow];
  }
  if (!best) return undefined;
  const [wide, narrow] = best;
  const tolerance = SETTLED.own * Math.abs(narrow.central) + SETTLED.steepest * steepest;
  if (least > tolerance || Math.abs(narrow.right - narrow.left) > SIDES * tolerance) return undefined;
  return (4 * narrow.central - wide.central) / 3;
}
