import type { AttackInstance } from '@rampart/core';
import { z } from 'zod';

/** A part of a search's steps, with a start and an aim of its own. */
export interface Round {
  readonly steps: number;
  /** Whether it starts at a random point of the feasible box, however far, instead of the original. */
  readonly random: boolean;
  /** The class that it aims at; undefined for whichever is nearest. */
  readonly rival: number | undefined;
}

/** With fewer steps than these a round does not come down from a random point to the boundary's nearest part. */
const LEAST_STEPS = 150;

/** The parameter `rounds` of minimum-norm attacks that follow gradients. */
export const roundsParameter = (rounds: number) =>
  z
    .int()
    .positive()
    .default(rounds)
    .describe(
      `Searches that the steps are shared out among, where each gets ${LEAST_STEPS}: pairs of one from the original and one from a random point; the first pair aims at the nearest class, others at one of the likeliest each. 1: one search from the original.`,
    );

/**
 * Shares out the steps of a search. One descent ends in the minimum that it meets first: of two that start far apart,
 * or aim at different classes, the better one is often far better.
 * @param most rounds at the most
 */
export async function roundsOf(instance: AttackInstance, steps: number, most: number): Promise<Round[]> {
  const rivals = await instance.rivals();
  // With one other class to aim at it is the nearest.
  const aims = rivals.length > 1 ? 1 + rivals.length : 1;
  const count = Math.max(1, Math.min(most, 2 * aims, Math.floor(steps / LEAST_STEPS)));
  return Array.from({ length: count }, (_, round) => ({
    steps: Math.floor(steps / count) + Number(round < steps % count),
    random: round % 2 === 1 || instance.run > 0,
    rival: rivals[(round >> 1) - 1],
  }));
}

/** Where a round starts. */
export function startOf({ random }: Round, { original, bounds, rng }: AttackInstance): Float32Array {
  const point = original.slice();
  const { lower, upper } = bounds;
  if (random) for (let k = 0; k < point.length; k++) point[k] = lower[k]! + rng.uniform() * (upper[k]! - lower[k]!);
  return point;
}

/** Asks for the slope of what a round lowers: the margin, or what the label leads its rival by. */
export function slopeOf({ rival }: Round, instance: AttackInstance, point: Float32Array) {
  return rival === undefined ? instance.gradient(point, 'margin') : instance.gradient(point, 'difference', rival);
}
