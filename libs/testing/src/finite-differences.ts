import { featureCount, type ImageBatch, Rng } from '@rampart/core';

/** A direction in which a gradient promises another slope than the loss has. */
export interface Disagreement {
  readonly image: number;
  readonly direction: string;
  readonly promised: number;
  readonly observed: number;
}

interface Probe {
  readonly name: string;
  /** Of unit length. */
  readonly direction: Float64Array;
}

/**
 * Steps, in lengths of the box's range: large ones drown rounding, small ones stay clear of the kinks of Relu and
 * MaxPool, and of places where logits change ranks. A right gradient agrees at one of them, a wrong one at none.
 */
const STEPS = [0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4];

/** Losses, in float64, of points near one of the images. */
export type LossesNear = (points: Float32Array, image: number) => Promise<ArrayLike<number>>;

/**
 * Compares gradients with central differences of the loss along directions: the gradient itself, random halves of
 * it (a wrong coordinate shows in some of them), and random signs (a coordinate that is missing shows here).
 * @param gradient the gradients to judge: [images, features]
 * @param tolerance largest difference, relative to the slope that could be expected along the direction
 */
export async function derivativeDisagreement(
  images: ImageBatch,
  gradient: Float32Array,
  losses: LossesNear,
  tolerance: number,
): Promise<Disagreement | undefined> {
  const size = featureCount(images.shape);
  const rng = Rng.root('directions of finite differences');
  for (let image = 0; image < images.count; image++) {
    const at = images.data.subarray(image * size, (image + 1) * size);
    const slope = gradient.subarray(image * size, (image + 1) * size);
    const norm = length(slope);
    if (!Number.isFinite(norm)) return { image, direction: 'every direction', promised: NaN, observed: NaN };
    for (const { name, direction } of probes(slope, rng.split(image))) {
      const promised = dot(slope, direction);
      const scale = Math.max(Math.abs(promised), norm / Math.sqrt(size));
      const observed: number[] = [];
      for (const step of STEPS) {
        const width = images.box.max - images.box.min;
        observed.push(await slopeAlong((points) => losses(points, image), at, direction, step * width));
        if (Math.abs(observed.at(-1)! - promised) <= tolerance * scale + 1e-6) break;
      }
      const nearest = observed.reduce((a, b) => (Math.abs(b - promised) < Math.abs(a - promised) ? b : a));
      if (!(Math.abs(nearest - promised) <= tolerance * scale + 1e-6)) {
        return { image, direction: name, promised, observed: nearest };
      }
    }
  }
  return undefined;
}

function probes(slope: Float32Array, rng: Rng): Probe[] {
  const along: Probe[] = [{ name: 'the gradient itself', direction: Float64Array.from(slope) }];
  for (let n = 0; n < 4; n++) {
    along.push({
      name: 'a random half of the gradient',
      direction: Float64Array.from(slope, (value) => (rng.uniform() < 0.5 ? value : 0)),
    });
  }
  for (let n = 0; n < 4; n++) {
    along.push({
      name: 'a random direction',
      direction: Float64Array.from(slope, () => (rng.uniform() < 0.5 ? 1 : -1)),
    });
  }
  return along.flatMap(({ name, direction }) => {
    const norm = length(direction);
    return norm === 0 ? [] : [{ name, direction: direction.map((value) => value / norm) }];
  });
}

/** Central difference. */
async function slopeAlong(
  losses: (points: Float32Array) => Promise<ArrayLike<number>>,
  at: Float32Array,
  direction: Float64Array,
  step: number,
): Promise<number> {
  const ahead = at.map((value, k) => value + step * direction[k]!);
  const behind = at.map((value, k) => value - step * direction[k]!);
  const pair = new Float32Array(2 * at.length);
  pair.set(ahead);
  pair.set(behind, at.length);
  const values = await losses(pair);
  // Rounding to float32 makes the step a little other than asked for.
  return (values[0]! - values[1]!) / (dot(ahead, direction) - dot(behind, direction));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function length(values: ArrayLike<number>): number {
  return Math.sqrt(dot(values, values));
}
