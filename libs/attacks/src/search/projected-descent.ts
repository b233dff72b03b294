import type { AttackInstance, AttackLoss, Bounds } from '@rampart/core';

import { sparseMove } from './sparse-move';

/** How projected descent goes. */
export interface DescentOptions {
  readonly loss: AttackLoss;
  readonly steps: number;
  /** Length of a step in the norm. */
  readonly length: number;
  /** Whether it starts at a random point of the ball instead of the original. */
  readonly randomStart: boolean;
  /** Weight of the gradients before; each is divided by its l1 norm. 0 for none. */
  readonly momentum: number;
  /** In l1, the part of the features that a step moves. */
  readonly sparsity: number;
}

/**
 * Steps along the steepest direction of the norm, each followed by the exact projection into the ball and the feasible
 * set. In l1 a step moves the features of the largest slopes together, since the steepest moves one alone.
 */
export async function descend(instance: AttackInstance, options: DescentOptions): Promise<void> {
  const { original, features, norm, epsilon, rng } = instance;
  const { loss, steps, length, momentum, sparsity } = options;
  const point = original.slice();
  const direction = new Float32Array(features);
  const accumulated = new Float32Array(momentum > 0 ? features : 0);
  if (options.randomStart) {
    norm.random(rng, direction);
    for (let k = 0; k < features; k++) point[k] = original[k]! + epsilon * direction[k]!;
    instance.project(point);
  }
  const box = commonBox(instance);
  for (let step = 0; step < steps; step++) {
    let { gradient } = await instance.gradient(point, loss);
    if (momentum > 0) {
      accumulate(accumulated, gradient, momentum);
      gradient = accumulated;
    }
    if (norm.name === 'linf') {
      signStep(point, gradient, length, box);
      continue;
    }
    if (norm.name === 'l1') {
      sparseMove(point, gradient, sparsity, length);
    } else {
      norm.steepest(gradient, direction);
      for (let k = 0; k < features; k++) point[k] = point[k]! + length * direction[k]!;
    }
    instance.project(point);
  }
  await instance.margin(point);
}

/** The box that the ball and the bounds have in common, in l-infinity. */
function commonBox({ original, epsilon, bounds: { lower, upper }, features }: AttackInstance): Bounds {
  const low = new Float32Array(features);
  const high = new Float32Array(features);
  for (let k = 0; k < features; k++) {
    low[k] = Math.max(lower[k]!, original[k]! - epsilon);
    high[k] = Math.min(upper[k]!, original[k]! + epsilon);
  }
  return { lower: low, upper: high };
}

/**
 * Step and projection in one pass over the memory. The sign is taken from the bits of the slope: about half of the signs
 * are either way, so that a branch would be mispredicted every other time.
 */
function signStep(point: Float32Array, gradient: Float32Array, length: number, { lower, upper }: Bounds): void {
  const bits = new Int32Array(gradient.buffer, gradient.byteOffset, gradient.length);
  for (let k = 0; k < point.length; k++) {
    const slope = bits[k]!;
    const magnitude = slope & 0x7fffffff;
    // 1 or -1, times 1 unless the magnitude is 0.
    const sign = ((slope >> 31) | 1) * (-magnitude >>> 31);
    point[k] = Math.max(lower[k]!, Math.min(upper[k]!, point[k]! - length * sign));
  }
}

function accumulate(accumulated: Float32Array, gradient: Float32Array, momentum: number): void {
  let size = 0;
  for (let k = 0; k < gradient.length; k++) size += Math.abs(gradient[k]!);
  const scale = size > 0 ? 1 / size : 0;
  for (let k = 0; k < gradient.length; k++) accumulated[k] = momentum * accumulated[k]! + scale * gradient[k]!;
}
