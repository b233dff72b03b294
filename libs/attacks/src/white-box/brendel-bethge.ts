import { type AttackInstance, defineAttack, NORMS } from '@rampart/core';
import { z } from 'zod';

import { inRounds, type Round, roundsParameter, slopeOf, startOf } from '../search/rounds';
import { sparsify } from '../search/sparsify';
import { TrustRegionStep } from '../search/trust-region';

const params = z.object({
  steps: z.int().positive().default(1000).describe('Gradient steps of a run, those to its first example included.'),
  rounds: roundsParameter(6),
  firstRadius: z
    .number()
    .positive()
    .default(0.3)
    .describe('Radius of the trust region in a first step, as a part of the Euclidean distance from the original.'),
  lastRadius: z.number().positive().default(1e-3).describe('The same in a last step; falls exponentially.'),
  overshoot: z
    .number()
    .min(0)
    .default(0.6)
    .describe('How far beyond the boundary a step aims, as a part of the radius.'),
});

type Options = z.output<typeof params>;

/** Forward evaluations that bring an example to the boundary. */
const HALVINGS = 10;

/**
 * The attack of Brendel and Bethge (2019, algorithm 1): walks along the decision boundary, each step to the nearest point
 * to the original on the boundary's linear approximation inside a trust region.
 */
export const brendelBethge = defineAttack({
  name: 'brendel-bethge',
  summary: 'Follows the decision boundary from an example to its part nearest to the original.',
  source: 'Brendel, Rauber, Kuemmerer, Ustyuzhaninov, Bethge 2019, section 3',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2', 'linf', 'l1', 'l0'],
  params,
  each: (options) => async (instance) => {
    await inRounds(instance, options, (round) => follow(instance, round, options));
    if (instance.norm.name === 'l0') await sparsify(instance);
  },
});

/** One walk along the boundary, from the first example that there is. */
async function follow(instance: AttackInstance, round: Round, options: Options): Promise<void> {
  const { original, norm, bounds } = instance;
  const point = startOf(round, instance);
  const spent = await leave(instance, round, point);
  if (spent === undefined) return;
  await comeToBoundary(instance, point);
  const region = new TrustRegionStep(norm, original, bounds);
  const steps = round.steps - spent;
  for (let step = 0; step < steps; step++) {
    const { gradient, loss } = await slopeOf(round, instance, point);
    const size = NORMS.l2.dual(gradient);
    const distance = NORMS.l2.distance(point, original);
    if (!(size > 0 && distance > 0)) break;
    const radius = distance * options.firstRadius * (options.lastRadius / options.firstRadius) ** (step / steps);
    region.move(point, { value: loss + options.overshoot * radius * size, slope: gradient }, radius);
  }
  await instance.margin(point);
}

/** Steps along the gradient until the point evades. Returns how many, undefined where it never does. */
async function leave(instance: AttackInstance, round: Round, point: Float32Array): Promise<number | undefined> {
  const { box, bounds } = instance;
  const { lower, upper } = bounds;
  const length = 0.5 * (box.max - box.min);
  const most = round.steps >> 1;
  for (let step = 0; step < most; step++) {
    const { gradient, margin } = await slopeOf(round, instance, point);
    if (margin < 0) return step + 1;
    const size = NORMS.l2.dual(gradient);
    if (!(size > 0)) return undefined;
    const scale = length / size;
    for (let k = 0; k < point.length; k++) {
      point[k] = Math.min(upper[k]!, Math.max(lower[k]!, point[k]! - scale * gradient[k]!));
    }
  }
  return undefined;
}

/** Halves the way between the original and a point that evades, in place. */
async function comeToBoundary(instance: AttackInstance, point: Float32Array): Promise<void> {
  const { original, features } = instance;
  const start = point.slice();
  const middle = new Float32Array(features);
  let low = 0;
  let high = 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const part = (low + high) / 2;
    for (let k = 0; k < features; k++) middle[k] = original[k]! + part * (start[k]! - original[k]!);
    if ((await instance.margin(middle)) < 0) {
      high = part;
      point.set(middle);
    } else {
      low = part;
    }
  }
}
