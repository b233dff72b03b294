import type { AttackInstance } from '@rampart/core';

import type { ApgdOptions } from './apgd';
import { sparseMove } from './sparse-move';

/** Radii that the search goes through, in epsilons, and the part of the steps that each gets. */
const STAGES = [
  [3, 0.3],
  [2, 0.3],
  [1, 0.4],
] as const;

/** The part of the features that a step moves at first. */
const FIRST_SPARSITY = 0.2;

/** By how much the number of features that move is below the number that are moved, and a step is shortened. */
const ADAPTATION = 1.5;

/** The shortest step, as a part of the first. */
const SHORTEST = 0.1;

/**
 * One run of APGD in l1 (Croce and Hein 2021, "Mind the box", algorithm 1): steps along the features of the largest
 * slopes, as many as the best point suggests, each followed by the exact projection into ball and bounds; first in
 * larger balls, since the loss is easier to lower there.
 */
export async function searchSparseApgd(instance: AttackInstance, options: ApgdOptions): Promise<void> {
  const { features, original, norm, epsilon, bounds, rng } = instance;
  const point = new Float32Array(features);
  for (let k = 0; k < features; k++) point[k] = original[k]! + rng.normal();
  let first = true;
  for (const [times, part] of STAGES) {
    const radius = times * epsilon;
    norm.project(point, original, radius, bounds);
    point.set(await searchBall(instance, point, radius, Math.max(1, Math.round(part * options.steps)), first, options));
    first = false;
  }
}

/** Searches one ball. Returns the point of the lowest loss. */
async function searchBall(
  instance: AttackInstance,
  start: Float32Array,
  radius: number,
  steps: number,
  first: boolean,
  { loss, rival }: ApgdOptions,
): Promise<Float32Array> {
  const { features, original, norm, bounds } = instance;
  const point = start.slice();
  const best: { point: Float32Array; loss: number; gradient: Float32Array } = {
    point: start.slice(),
    loss: Infinity,
    gradient: new Float32Array(features),
  };
  const period = Math.max(1, Math.trunc(0.04 * steps));
  let changed = first ? features : countChanged(start, original);
  let sparsity = first ? FIRST_SPARSITY : changed / features / ADAPTATION;
  let length = radius;
  let gradient: Float32Array = best.gradient;

  for (let step = 0; ; step++) {
    const found = await instance.gradient(point, loss, rival);
    gradient = found.gradient;
    if (found.loss < best.loss) {
      best.point.set(point);
      best.loss = found.loss;
      best.gradient = gradient;
    }
    if (step === steps) return best.point;
    if (step > 0 && step % period === 0) {
      const now = countChanged(best.point, original);
      sparsity = now / features / ADAPTATION;
      if (now < 0.95 * changed) {
        length = radius;
        point.set(best.point);
        gradient = best.gradient;
      } else {
        length = Math.max(length / ADAPTATION, SHORTEST * radius);
      }
      changed = now;
    }
    sparseMove(point, gradient, sparsity, length);
    norm.project(point, original, radius, bounds);
  }
}

function countChanged(point: Float32Array, original: Float32Array): number {
  let count = 0;
  for (let k = 0; k < point.length; k++) if (point[k] !== original[k]) count++;
  return count;
}
