import { type Bounds, clip, NORMS, type PixelBox, RampartError, type Rng } from '@rampart/core';

/**
 * How every step makes a view of another one before it descends: the inner maximisation of adversarial training, at the
 * weights of that step. From a random start, steps along the steepest direction of the norm raise a cross-entropy, each
 * followed by the projection into the ball around the original and into the box.
 */
export interface InnerAttack {
  /** The view of originals, and the view that is made: of the same shape. */
  readonly from: string;
  readonly to: string;
  /** The model's output whose cross-entropy is raised. */
  readonly output: string;
  /**
   * What it is the cross-entropy with: a view of probabilities; `own`, the model's probabilities for the originals, which
   * raises the divergence from them; or `predicted`, the likeliest class there.
   */
  readonly against: { readonly view: string } | 'own' | 'predicted';
  /** The view that the model's probabilities for the originals are kept as, where the objective compares with them. */
  readonly keep?: string;
  readonly norm: 'linf' | 'l2';
  readonly epsilon: number;
  readonly steps: number;
  /** Length of a step in the norm. */
  readonly length: number;
  /**
   * Where it starts: uniformly in the ball, at the original plus normal noise of this deviation of each value, or at the
   * original.
   */
  readonly start: 'uniform' | 'original' | { readonly deviation: number };
  /**
   * Power iteration (Miyato et al. 2018, section 3.2) in place of the descent: each step leaves a direction alone, of
   * which the example goes epsilon. `deviation` times the square root of the values is how far gradients are looked for.
   */
  readonly power?: boolean;
  /**
   * Takes the gradient with respect to the example from the step that trains (Shafahi et al. 2019): the changes are kept
   * from one step to the next, and each step moves them by epsilon.
   */
  readonly free?: boolean;
  /** A view of one number a row, which epsilon and the length of a step are multiplied by: 0 leaves the row as it is. */
  readonly reach?: string;
  readonly box: PixelBox;
}

/** The views that an inner attack reads and makes. */
export function innerViews({ from, to, against, keep, reach }: InnerAttack): string[] {
  const named = [from, to, typeof against === 'string' ? undefined : against.view, keep, reach];
  return named.filter((name) => name !== undefined);
}

/** Rows to attack. */
export interface InnerRows {
  readonly originals: Float32Array;
  readonly count: number;
  /** What epsilon is multiplied by, for each row. */
  readonly reach: ArrayLike<number>;
  readonly rng: Rng;
  /** The gradient of what is raised with respect to rows. The array is read before it is asked again. */
  gradient(points: Float32Array): Promise<Float32Array>;
}

/** The attacked rows, in a new array. */
export async function attackRows(inner: InnerAttack, rows: InnerRows): Promise<Float32Array> {
  const { originals, count, reach, rng } = rows;
  const features = originals.length / count;
  const points = originals.slice();
  const norm = NORMS[inner.norm];
  const direction = new Float32Array(features);
  const { min, max } = inner.box;
  const bounds: Bounds = { lower: new Float32Array(features).fill(min), upper: new Float32Array(features).fill(max) };
  const each = (move: (row: Float32Array, original: Float32Array, reach: number, offset: number) => void): void => {
    for (let i = 0; i < count; i++) {
      const [first, end] = [i * features, (i + 1) * features];
      if (reach[i] !== 0) move(points.subarray(first, end), originals.subarray(first, end), reach[i]!, first);
    }
  };
  const { start, epsilon, length } = inner;
  if (start === 'uniform') {
    each((row, original, factor) => {
      norm.random(rng, direction);
      for (let k = 0; k < features; k++) row[k] = clip(original[k]! + factor * epsilon * direction[k]!, inner.box);
    });
  } else if (start !== 'original') {
    each((row, original) => {
      for (let k = 0; k < features; k++) row[k] = original[k]! + start.deviation * rng.normal();
      if (!inner.power) for (let k = 0; k < features; k++) row[k] = clip(row[k]!, inner.box);
    });
  }
  for (let step = 0; step < inner.steps; step++) {
    const gradient = await rows.gradient(points);
    each((row, original, factor, offset) => {
      if (inner.norm === 'linf' && !inner.power) {
        climb(row, original, gradient, offset, factor * epsilon, factor * length, min, max);
        return;
      }
      norm.steepest(gradient.subarray(offset, offset + features), direction);
      const last = step === inner.steps - 1;
      const from = inner.power ? original : row;
      const far = inner.power && !last ? probeLength(start, features) : factor * (inner.power ? epsilon : length);
      for (let k = 0; k < features; k++) row[k] = from[k]! - far * direction[k]!;
      if (!inner.power || last) norm.project(row, original, factor * epsilon, bounds);
    });
  }
  return points;
}

function probeLength(start: InnerAttack['start'], features: number): number {
  return typeof start === 'object' ? start.deviation * Math.sqrt(features) : 0;
}

/** A step along the sign of the gradient, and the projection into the ball of l-infinity and the box. */
function climb(
  row: Float32Array,
  original: Float32Array,
  gradient: Float32Array,
  offset: number,
  epsilon: number,
  length: number,
  min: number,
  max: number,
): void {
  for (let k = 0; k < row.length; k++) {
    const slope = gradient[offset + k]!;
    const centre = original[k]!;
    const moved = slope > 0 ? row[k]! + length : slope < 0 ? row[k]! - length : row[k]!;
    row[k] = Math.min(Math.max(moved, centre - epsilon, min), centre + epsilon, max);
  }
}

/** @throws RampartError `usage` that names the field */
export function checkInner({ norm, epsilon, steps, length }: InnerAttack): void {
  const wrong = (what: string): RampartError =>
    new RampartError({ code: 'usage', message: `The inner attack of a training is not valid: ${what}.` });
  if (!(epsilon > 0 && epsilon < Infinity)) {
    throw wrong(`its epsilon in ${norm} is ${epsilon}. Expected a budget, a finite number above 0`);
  }
  if (!(Number.isInteger(steps) && steps >= 0))
    throw wrong(`it has ${steps} steps. Expected a whole number of 0 or more`);
  if (steps > 0 && !(length > 0 && length < Infinity)) {
    throw wrong(`the length of its steps is ${length}. Expected a finite number above 0`);
  }
}
