import type { AttackInstance, PointGradient } from '@rampart/core';
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
      `Searches that the steps are shared out among, if each gets ${LEAST_STEPS}: pairs of one from the original and one from a random point. Pairs aim at the likeliest class, the second likeliest, whichever is nearest, and then at one after the other; a pair alone at whichever is nearest. 1: one search from the original.`,
    );

/**
 * Shares out the steps of a search. One descent ends in the minimum that it meets first: of several that start far
 * apart, or aim at different classes, the best one is often far better.
 */
export async function inRounds(
  instance: AttackInstance,
  { steps, rounds }: { readonly steps: number; readonly rounds: number },
  search: (round: Round) => Promise<void>,
): Promise<void> {
  const rivals = await instance.rivals();
  const aims = rivals.length > 1 ? [rivals[0], rivals[1], undefined, ...rivals.subarray(2)] : [undefined];
  const count = Math.max(1, Math.min(rounds, 2 * aims.length, Math.floor(steps / LEAST_STEPS)));
  for (let round = 0; round < count; round++) {
    await search({
      steps: Math.floor(steps / count) + Number(round < steps % count),
      random: round % 2 === 1 || instance.run > 0,
      rival: count > 2 ? aims[round >> 1] : undefined,
    });
  }
}

/** Where a round starts. */
export function startOf({ random }: Round, { original, bounds, rng }: AttackInstance): Float32Array {
  const point = original.slice();
  const { lower, upper } = bounds;
  if (random) for (let k = 0; k < point.length; k++) point[k] = lower[k]! + rng.uniform() * (upper[k]! - lower[k]!);
  return point;
}

/** Asks for the slope of what a round lowers: the margin, or what the label leads its rival by. */
export function slopeOf({ rival }: Round, instance: AttackInstance, point: Float32Array): Promise<PointGradient> {
  return rival === undefined ? instance.gradient(point, 'margin') : instance.gradient(point, 'difference', rival);
}
