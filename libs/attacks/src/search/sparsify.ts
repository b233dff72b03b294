import type { AttackInstance } from '@rampart/core';

/** Features that are tried one by one, at the most: a forward evaluation each. */
const MOST_TRIED = 200;
/** Times that both are tried, at the most. */
const PASSES = 10;

/**
 * Looks for an example that differs in fewer features than the best one that is known (l0): the features of the largest
 * slopes, moved to their bounds, one fewer than there are; and the best one without those of its features that it can
 * do without, those of the least effect first. As long as either helps.
 */
export async function sparsify(instance: AttackInstance): Promise<void> {
  let before = Infinity;
  for (let pass = 0; pass < PASSES && instance.best.evades && instance.best.distance < before; pass++) {
    before = instance.best.distance;
    const point = instance.best.point.slice();
    const { gradient } = await instance.gradient(point, 'margin');
    await rebuild(instance, gradient, before - 1);
    await prune(instance, gradient, point);
  }
}

/**
 * Moves features to their bounds, those that lower the margin's linear approximation most: as few as it takes, by
 * halving.
 */
async function rebuild(instance: AttackInstance, gradient: Float32Array, most: number): Promise<void> {
  const { original, bounds, features } = instance;
  const ends = original.slice();
  const gains = new Float64Array(features);
  for (let k = 0; k < features; k++) {
    const slope = gradient[k]!;
    ends[k] = slope > 0 ? bounds.lower[k]! : slope < 0 ? bounds.upper[k]! : original[k]!;
    gains[k] = slope * (original[k]! - ends[k]!);
  }
  const order = Array.from(gains.keys()).sort((a, b) => gains[b]! - gains[a]!);
  const moved = async (count: number) => {
    const point = original.slice();
    for (let j = 0; j < count; j++) point[order[j]!] = ends[order[j]!]!;
    return instance.margin(point);
  };
  if (!(most > 0) || (await moved(most)) >= 0) return;
  let low = 0;
  let high = most;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((await moved(middle)) < 0) high = middle;
    else low = middle;
  }
}

/** Takes back changes that a point evades without, in place. */
async function prune(instance: AttackInstance, gradient: Float32Array, point: Float32Array): Promise<void> {
  const { original } = instance;
  const changed: number[] = [];
  for (let k = 0; k < point.length; k++) if (point[k] !== original[k]) changed.push(k);
  const effect = (k: number) => gradient[k]! * (original[k]! - point[k]!);
  changed.sort((a, b) => effect(a) - effect(b));
  for (const k of changed.slice(0, MOST_TRIED)) {
    const value = point[k]!;
    point[k] = original[k]!;
    if ((await instance.margin(point)) >= 0) point[k] = value;
  }
}
