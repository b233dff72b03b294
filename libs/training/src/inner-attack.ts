import {
  type Bounds,
  Feasibility,
  type FeasibleSet,
  NORMS,
  type PixelBox,
  RampartError,
  type Rng,
  roundWithin,
} from '@rampart/core';

/**
 * How every step makes a view of another one before it descends: the inner maximisation of adversarial training, at the
 * weights of that step. From a random start, steps along the steepest direction of the norm raise a cross-entropy, each
 * followed by the projection into the ball around the original and into the feasible set.
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
   * Where it starts: uniformly in the ball, in the box or beyond it as well; at the original plus normal noise of this
   * deviation of each value; at the original; or where it came to when the row was last made (Zheng et al. 2020), for
   * which the changes are kept in a view of this name: they come with the rows, and are written there.
   */
  readonly start:
    'uniform' | 'uniform beyond the box' | 'original' | { readonly deviation: number } | { readonly keptIn: string };
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
  /** What examples may be, besides in the box. */
  readonly feasible?: FeasibleSet | undefined;
}

/** The view of changes that an inner attack keeps; undefined where it keeps none. */
export function keptChanges({ start }: InnerAttack): string | undefined {
  return typeof start === 'object' && 'keptIn' in start ? start.keptIn : undefined;
}

/** The views that an inner attack reads and makes. */
export function innerViews(inner: InnerAttack): string[] {
  const { from, to, against, keep, reach } = inner;
  const named = [from, to, typeof against === 'string' ? undefined : against.view, keep, reach, keptChanges(inner)];
  return named.filter((name) => name !== undefined);
}

/** Rows to attack. */
export interface InnerRows {
  readonly originals: Float32Array;
  readonly count: number;
  /** What epsilon is multiplied by, for each row. */
  readonly reach: ArrayLike<number>;
  readonly rng: Rng;
  /** The changes to start from, where they are kept; those that were made are written there. */
  readonly changes?: Float32Array | undefined;
  /** The gradient of what is raised with respect to rows. The array is read before it is asked again. */
  gradient(points: Float32Array): Promise<Float32Array>;
}

/** The attacked rows, in a new array. */
export async function attackRows(inner: InnerAttack, rows: InnerRows): Promise<Float32Array> {
  const { originals, count, reach, rng, changes } = rows;
  const features = originals.length / count;
  const points = originals.slice();
  const norm = NORMS[inner.norm];
  const direction = new Float32Array(features);
  const feasibility = new Feasibility(inner.feasible ?? {}, inner.box, features);
  const limits = Array.from({ length: count }, (_, i) => feasibility.bounds(originals, i * features));
  const each = (move: (row: InnerRow) => void): void => {
    for (let i = 0; i < count; i++) {
      const [offset, end] = [i * features, (i + 1) * features];
      if (reach[i] === 0) continue;
      move({
        row: points.subarray(offset, end),
        original: originals.subarray(offset, end),
        bounds: limits[i]!,
        ...{ factor: reach[i]!, offset },
      });
    }
  };
  const { start, epsilon, length } = inner;
  if (start === 'uniform' || start === 'uniform beyond the box') {
    each(({ row, original, bounds, factor }) => {
      norm.random(rng, direction);
      for (let k = 0; k < features; k++) row[k] = original[k]! + factor * epsilon * direction[k]!;
      // Gradients may be looked for beyond the box, but not along what may not change.
      if (start === 'uniform' || inner.feasible?.frozen) clipTo(bounds, row);
    });
  } else if (changes) {
    each(({ row, original, bounds, factor, offset }) => {
      for (let k = 0; k < features; k++) row[k] = original[k]! + changes[offset + k]!;
      norm.project(row, original, factor * epsilon, bounds);
    });
  } else if (typeof start === 'object' && 'deviation' in start) {
    each(({ row, original, bounds }) => {
      for (let k = 0; k < features; k++) row[k] = original[k]! + start.deviation * rng.normal();
      if (!inner.power || inner.feasible?.frozen) clipTo(bounds, row);
    });
  }
  const climbs = inner.norm === 'linf' && !inner.power;
  if (climbs && inner.steps > 0) {
    each(({ original, bounds, factor, offset }) => {
      limits[offset / features] = ballWithin(bounds, original, factor * epsilon);
    });
  }
  for (let step = 0; step < inner.steps; step++) {
    const gradient = await rows.gradient(points);
    feasibility.still(gradient);
    each(({ row, original, bounds, factor, offset }) => {
      if (climbs) {
        climb(row, gradient, offset, factor * length, bounds);
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
  if (!feasibility.continuous) {
    // Noise alone has no ball.
    const radius = inner.steps > 0 ? epsilon : Infinity;
    each(({ row, original, factor }) => roundWithin(row, original, { norm, epsilon: factor * radius, feasibility }));
  }
  if (changes) for (let k = 0; k < points.length; k++) changes[k] = points[k]! - originals[k]!;
  return points;
}

/** What a free attack has made of rows so far, in a new array: the originals with the changes that are kept. */
export function changedRows(
  { box, feasible, epsilon }: InnerAttack,
  originals: Float32Array,
  changes: Float32Array,
  count: number,
): Float32Array {
  const features = originals.length / count;
  const feasibility = new Feasibility(feasible ?? {}, box, features);
  const made = originals.map((value, k) => value + changes[k]!);
  for (let first = 0; first < made.length; first += features) {
    const row = made.subarray(first, first + features);
    clipTo(feasibility.bounds(originals, first), row);
    if (feasibility.continuous) continue;
    roundWithin(row, originals.subarray(first, first + features), { norm: NORMS.linf, epsilon, feasibility });
  }
  return made;
}

/** A row that is attacked. */
interface InnerRow {
  readonly row: Float32Array;
  readonly original: Float32Array;
  readonly bounds: Bounds;
  /** What epsilon is multiplied by. */
  readonly factor: number;
  /** Where it starts among all. */
  readonly offset: number;
}

function clipTo({ lower, upper }: Bounds, row: Float32Array): void {
  for (let k = 0; k < row.length; k++) row[k] = Math.min(Math.max(row[k]!, lower[k]!), upper[k]!);
}

function probeLength(start: InnerAttack['start'], features: number): number {
  return typeof start === 'object' && 'deviation' in start ? start.deviation * Math.sqrt(features) : 0;
}

/** What is within both the ball of l-infinity around a row and its bounds. */
function ballWithin(bounds: Bounds, original: Float32Array, radius: number): Bounds {
  const lower = new Float32Array(original.length);
  const upper = new Float32Array(original.length);
  for (let k = 0; k < original.length; k++) {
    lower[k] = Math.max(original[k]! - radius, bounds.lower[k]!);
    upper[k] = Math.min(original[k]! + radius, bounds.upper[k]!);
  }
  return { lower, upper };
}

/** A step along the sign of the gradient, cut to what is allowed. Signs are as good as random, so no branch is taken. */
function climb(
  row: Float32Array,
  gradient: Float32Array,
  offset: number,
  length: number,
  { lower, upper }: Bounds,
): void {
  for (let k = 0; k < row.length; k++) {
    const slope = gradient[offset + k]!;
    const moved = row[k]! + length * (Number(slope > 0) - Number(slope < 0));
    row[k] = Math.min(Math.max(moved, lower[k]!), upper[k]!);
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
