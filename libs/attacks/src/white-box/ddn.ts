import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { cosine } from '../search/cosine';
import { farthest } from '../search/farthest';
import { inRounds, type Round, roundsParameter, slopeOf, startOf } from '../search/rounds';

const params = z.object({
  steps: z.int().positive().default(1000).describe('Gradient steps of a run.'),
  rounds: roundsParameter(6),
  firstRadius: z.number().positive().default(1).describe('The radius to begin with, in widths of the pixel box.'),
  gamma: z.number().positive().max(1).default(0.05).describe('The part by which a step grows or shrinks the radius.'),
  firstStep: z.number().positive().default(1).describe('Length of a first step, in widths of the pixel box.'),
  lastStep: z.number().positive().default(0.01).describe('Length of a last step; by cosine in between.'),
});

type Options = z.output<typeof params>;

/** How much longer than any way to the boundary of the box an offset is made before it is projected to the sphere. */
const FAR = 1e3;

/**
 * Decoupled direction and norm (Rony et al. 2019, algorithm 1): the direction follows the gradient, the point goes to
 * that of a sphere in this direction, and the sphere shrinks where the point evades and grows where it does not. The
 * point is the one that has the sphere's radius after it was clipped to the box, and the steps are shared out among
 * several rounds: of the cross-entropy, then of the lead over one other class.
 */
export const ddn = defineAttack({
  name: 'ddn',
  summary: 'Decoupled direction and norm: follows the gradient on a sphere that shrinks to the nearest example.',
  source: 'Rony, Hafemann, Oliveira, Ben Ayed, Sabourin, Granger 2019, algorithm 1',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2'],
  params,
  each: (options) => (instance) => inRounds(instance, options, (round) => descend(instance, round, options)),
});

async function descend(instance: AttackInstance, round: Round, options: Options): Promise<void> {
  const { original, features, norm, box, bounds, rng } = instance;
  const width = box.max - box.min;
  const most = farthest(instance);
  const point = startOf(round, instance);
  const noise = new Float32Array(features);
  let radius = round.random ? norm.distance(point, original) : options.firstRadius * width;
  for (let step = 0; step < round.steps; step++) {
    const { gradient: slope, margin } = await crossEntropy(round, instance, point);
    const flat = norm.dual(slope) === 0;
    if (flat) norm.random(rng, noise);
    const gradient = flat ? noise : slope;
    const size = norm.dual(gradient);
    radius = Math.min(most, radius * (margin < 0 ? 1 - options.gamma : 1 + options.gamma));
    const scale = (width * cosine(options.firstStep, options.lastStep, step, round.steps)) / size;
    for (let k = 0; k < features; k++) {
      const start = original[k]!;
      point[k] = start + FAR * (point[k]! - start - scale * gradient[k]!);
    }
    norm.project(point, original, radius, bounds);
  }
  await instance.margin(point);
}

/** The slope of the cross-entropy; of the margin where float32 leaves nothing of that. */
async function crossEntropy(round: Round, instance: AttackInstance, point: Float32Array) {
  if (round.rival !== undefined) return slopeOf(round, instance, point);
  const answer = await instance.gradient(point, 'cross-entropy');
  if (answer.gradient.some((slope) => slope !== 0)) return answer;
  return instance.gradient(point, 'margin');
}
