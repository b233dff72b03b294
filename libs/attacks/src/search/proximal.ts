import type { NormName } from '@rampart/core';

/**
 * Replaces a vector x, in place, by the minimiser z of weight |z| + sum of curvature (z - x)^2 / 2: the proximal operator
 * of a norm in a diagonal metric, exact. No feature moves but towards 0.
 * @param weight above 0
 * @param curvatures above 0, one a feature
 * @see Parikh and Boyd (2014), "Proximal algorithms", section 6
 */
export function proximal(norm: NormName, vector: Float32Array, curvatures: Float32Array, weight: number): void {
  if (norm === 'l0') keepLarge(vector, curvatures, weight);
  else if (norm === 'l1') shrinkAlike(vector, curvatures, weight);
  else if (norm === 'l2') shrink(vector, curvatures, weight);
  else cap(vector, curvatures, weight);
}

/** A change counts 1 however small: it is kept where undoing it would cost more. */
function keepLarge(vector: Float32Array, curvatures: Float32Array, weight: number): void {
  for (let k = 0; k < vector.length; k++) {
    const x = vector[k]!;
    if (curvatures[k]! * x * x <= 2 * weight) vector[k] = 0;
  }
}

function shrinkAlike(vector: Float32Array, curvatures: Float32Array, weight: number): void {
  for (let k = 0; k < vector.length; k++) {
    const x = vector[k]!;
    const left = (x < 0 ? -x : x) - weight / curvatures[k]!;
    vector[k] = left > 0 ? (x > 0 ? left : -left) : 0;
  }
}

/** z = x c / (c + weight / length), with the length of z itself. */
function shrink(vector: Float32Array, curvatures: Float32Array, weight: number): void {
  const length = shrunkLength(vector, curvatures, weight);
  for (let k = 0; k < vector.length; k++) {
    const pull = curvatures[k]! * length;
    vector[k] = pull > 0 ? (vector[k]! * pull) / (pull + weight) : 0;
  }
}

/** The root of sum of (c x / (c length + weight))^2 = 1, by Newton's steps from the left; 0 where there is none. */
function shrunkLength(vector: Float32Array, curvatures: Float32Array, weight: number): number {
  let length = 0;
  for (let round = 0; round < 50; round++) {
    let sum = 0;
    let slope = 0;
    for (let k = 0; k < vector.length; k++) {
      const c = curvatures[k]!;
      const below = c * length + weight;
      const part = (c * vector[k]!) / below;
      sum += part * part;
      slope += (part * part * c) / below;
    }
    // The root of 1 / sqrt(sum) = 1, which is next to linear in the length.
    const step = (sum * (Math.sqrt(sum) - 1)) / slope;
    if (!(step > 1e-9 * length) || !(slope > 0)) break;
    length += step;
  }
  return length;
}

/** Clips to the level at which what is cut off, times its curvature, adds up to the weight. */
function cap(vector: Float32Array, curvatures: Float32Array, weight: number): void {
  let level = 0;
  for (let round = 0; round < 50; round++) {
    let moment = -weight;
    let curvature = 0;
    for (let k = 0; k < vector.length; k++) {
      const x = vector[k]!;
      const size = x < 0 ? -x : x;
      if (size <= level) continue;
      moment += curvatures[k]! * size;
      curvature += curvatures[k]!;
    }
    const next = curvature > 0 ? moment / curvature : level;
    if (!(next > level * (1 + 1e-9))) break;
    level = next;
  }
  for (let k = 0; k < vector.length; k++) {
    const x = vector[k]!;
    vector[k] = x > level ? level : x < -level ? -level : x;
  }
}
