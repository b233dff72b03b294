import type { AttackInstance, AttackLoss } from '@rampart/core';

import { Checkpoints } from './checkpoints';
import { commonBox, momentumStep } from './sign-step';

/** What a run of APGD lowers, and how long. */
export interface ApgdOptions {
  readonly loss: AttackLoss;
  /** The other class, for the losses that compare with one. */
  readonly rival?: number;
  readonly steps: number;
  /**
   * Whether a run is given up that is not getting there: after a quarter of its steps with more than 80% of the loss
   * that it began with, or after half with more than 40%. Only for losses that are 0 on the boundary.
   */
  readonly giveUp?: boolean;
}

/** The part of its steps after which a run is given up, if more than this part of its first loss is left. */
const HOPELESS = [
  [0.25, 0.8],
  [0.5, 0.4],
] as const;

/** Weight of the gradient step beside the momentum. */
const MOMENTUM = 0.75;

/** The part of a period's steps that must have gained, lest the step be halved. */
const GAINING = 0.75;

/**
 * One run of APGD in l-infinity or l2 (Croce and Hein 2020, algorithm 1), from a random point at the ball's edge: steps
 * with momentum, of a length that is halved at a checkpoint where too few of them gained or the best loss stayed; the
 * search then goes on from the best point.
 * @returns whether it went to its end
 */
export async function searchApgd(
  instance: AttackInstance,
  { loss, rival, steps, giveUp = false }: ApgdOptions,
): Promise<boolean> {
  const { features, norm, epsilon, original } = instance;
  let point: Float32Array = edgePoint(instance);
  let previous: Float32Array = point.slice();
  let next: Float32Array = new Float32Array(features);
  const direction = new Float32Array(features);
  const box = commonBox(instance);
  const checkpoints = new Checkpoints(steps);
  let length = 2 * epsilon;

  let found: { readonly loss: number; readonly gradient: Float32Array } = await instance.gradient(point, loss, rival);
  let best = { point: point.slice(), loss: found.loss, gradient: found.gradient };
  const first = found.loss;
  let bestBefore = found.loss;
  let halvedBefore = true;
  let last = found.loss;
  let gains = 0;

  for (let step = 0; step < steps; step++) {
    const weight = step === 0 ? 1 : MOMENTUM;
    if (norm.name === 'linf') {
      momentumStep(next, { point, previous, gradient: found.gradient }, length, weight, box);
    } else {
      norm.steepest(found.gradient, direction);
      for (let k = 0; k < features; k++) next[k] = point[k]! + length * direction[k]!;
      norm.project(next, original, epsilon, instance.bounds);
      for (let k = 0; k < features; k++) {
        next[k] = point[k]! + weight * (next[k]! - point[k]!) + (1 - weight) * (point[k]! - previous[k]!);
      }
      norm.project(next, original, epsilon, instance.bounds);
    }
    [previous, point, next] = [point, next, previous];

    found = await instance.gradient(point, loss, rival);
    if (found.loss < last) gains++;
    last = found.loss;
    if (found.loss < best.loss) {
      best.point.set(point);
      best = { point: best.point, loss: found.loss, gradient: found.gradient };
    }
    if (giveUp && isHopeless(step + 1, steps, best.loss / first)) return false;
    const period = checkpoints.count();
    if (period === 0) continue;
    const halve: boolean = gains <= GAINING * period || (!halvedBefore && bestBefore <= best.loss);
    gains = 0;
    halvedBefore = halve;
    bestBefore = best.loss;
    if (!halve) continue;
    length /= 2;
    point.set(best.point);
    found = best;
  }
  return true;
}

function isHopeless(step: number, steps: number, left: number): boolean {
  return HOPELESS.some(([part, most]) => step === Math.round(part * steps) && left > most);
}

/** A random point whose distance from the original is epsilon, before it is projected into the bounds. */
export function edgePoint(instance: AttackInstance): Float32Array {
  const { features, norm, epsilon, original, rng } = instance;
  const point = new Float32Array(features);
  norm.random(rng, point);
  let size = 0;
  if (norm.name === 'linf') for (let k = 0; k < features; k++) size = Math.max(size, Math.abs(point[k]!));
  else for (let k = 0; k < features; k++) size += point[k]! ** 2;
  const scale = epsilon / Math.max(norm.name === 'linf' ? size : Math.sqrt(size), Number.MIN_VALUE);
  for (let k = 0; k < features; k++) point[k] = original[k]! + scale * point[k]!;
  instance.project(point);
  return point;
}
