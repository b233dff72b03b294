import type { AttackInstance, AttackLoss } from '@rampart/core';

import { commonBox, signStep } from './sign-step';
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

function accumulate(accumulated: Float32Array, gradient: Float32Array, momentum: number): void {
  let size = 0;
  for (let k = 0; k < gradient.length; k++) size += Math.abs(gradient[k]!);
  const scale = size > 0 ? 1 / size : 0;
  for (let k = 0; k < gradient.length; k++) accumulated[k] = momentum * accumulated[k]! + scale * gradient[k]!;
}
