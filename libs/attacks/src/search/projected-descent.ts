import type { AttackedInstance, AttackLoss, Descent, DescentStep } from '@rampart/core';

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
export function projectedDescent({ loss, steps, ...options }: DescentOptions): Descent {
  return {
    loss,
    steps,
    begin(instance, point) {
      start(instance, point, options.randomStart);
      return stepOf(instance, options);
    },
  };
}

/** Writes the original, or a random point of the ball. */
function start(instance: AttackedInstance, point: Float32Array, random: boolean): void {
  const { original, norm, epsilon, rng } = instance;
  if (!random) {
    point.set(original);
    return;
  }
  norm.random(rng, point);
  for (let k = 0; k < point.length; k++) point[k] = original[k]! + epsilon * point[k]!;
  instance.project(point);
}

function stepOf(
  instance: AttackedInstance,
  { length, momentum, sparsity }: Pick<DescentOptions, 'length' | 'momentum' | 'sparsity'>,
): DescentStep {
  const move = moveOf(instance, length, sparsity);
  if (momentum === 0) return move;
  const accumulated = new Float32Array(instance.features);
  return (point, gradient, sign) => {
    accumulate(accumulated, gradient, momentum);
    move(point, accumulated, sign);
  };
}

/** The step of a norm. */
function moveOf(instance: AttackedInstance, length: number, sparsity: number): DescentStep {
  const { norm, features } = instance;
  if (norm.name === 'linf') {
    const box = commonBox(instance);
    return (point, gradient, sign) => signStep(point, gradient, sign * length, box);
  }
  if (norm.name === 'l1') {
    return (point, gradient, sign) => {
      sparseMove(point, gradient, sparsity, sign * length);
      instance.project(point);
    };
  }
  const direction = new Float32Array(features);
  return (point, gradient, sign) => {
    norm.steepest(gradient, direction);
    const way = sign * length;
    for (let k = 0; k < features; k++) point[k] = point[k]! + way * direction[k]!;
    instance.project(point);
  };
}

function accumulate(accumulated: Float32Array, gradient: Float32Array, momentum: number): void {
  let size = 0;
  for (let k = 0; k < gradient.length; k++) size += Math.abs(gradient[k]!);
  const scale = size > 0 ? 1 / size : 0;
  for (let k = 0; k < gradient.length; k++) accumulated[k] = momentum * accumulated[k]! + scale * gradient[k]!;
}
