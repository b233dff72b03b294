import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { AdamMoments } from '../search/adam-moments';
import { cosine } from '../search/cosine';
import { inRounds, type Round, roundsParameter, slopeOf, startOf } from '../search/rounds';
import { sparsify } from '../search/sparsify';

const params = z.object({
  steps: z.int().positive().default(1000).describe('Gradient steps of a run.'),
  rounds: roundsParameter(2),
  firstStep: z.number().positive().default(1).describe('Size of a first step, in widths of the pixel box.'),
  lastStep: z.number().positive().default(0.1).describe('Size of a last step; by cosine in between.'),
  sigma: z.number().positive().default(1e-3).describe('How softly a square change d is counted: as d / (d + sigma).'),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe('Changes below this are taken back, in widths of the pixel box; adapted from there on.'),
  thresholdFactor: z.number().min(0).default(0.01).describe('What the threshold moves by, as a part of the step.'),
});

type Options = z.output<typeof params>;

/**
 * Sigma-zero (Cina et al. 2025, algorithm 1): lowers the margin and a smooth count of the changed features together, and
 * takes back small changes, more of them while it evades. In widths of the pixel box.
 */
export const sigmaZero = defineAttack({
  name: 'sigma-zero',
  summary: 'Changes as few features as possible: descends a smooth count of them, and takes back small changes.',
  source: 'Cina, Villani, Pintor, Schonherr, Biggio, Pelillo 2025, algorithm 1',
  version: 1,
  family: 'minimum-norm',
  norms: ['l0'],
  params,
  each: (options) => async (instance) => {
    await inRounds(instance, options, (round) => descend(instance, round, options));
    await sparsify(instance);
  },
});

async function descend(instance: AttackInstance, round: Round, options: Options): Promise<void> {
  const { original, features, box } = instance;
  const { lower, upper } = instance.bounds;
  const { sigma, firstStep, lastStep } = options;
  const width = box.max - box.min;
  const point = startOf(round, instance);
  const slopes = new Float32Array(features);
  const moments = new AdamMoments(features);
  let threshold = options.threshold;
  for (let step = 0; step < round.steps; step++) {
    const { gradient, margin } = await slopeOf(round, instance, point);
    let steepest = 0;
    for (let k = 0; k < features; k++) {
      const change = (point[k]! - original[k]!) / width;
      const soft = change * change + sigma;
      const count = (2 * sigma * change) / (soft * soft * features);
      const slope = margin < 0 ? count : count + width * gradient[k]!;
      slopes[k] = slope;
      steepest = Math.max(steepest, Math.abs(slope));
    }
    if (steepest > 0) for (let k = 0; k < features; k++) slopes[k] = slopes[k]! / steepest;
    moments.direct(slopes);
    const length = cosine(firstStep, lastStep, step, round.steps);
    threshold = Math.min(1, Math.max(0, threshold + (margin < 0 ? 1 : -1) * options.thresholdFactor * length));
    const least = threshold * width;
    for (let k = 0; k < features; k++) {
      const start = original[k]!;
      const moved = Math.min(upper[k]!, Math.max(lower[k]!, point[k]! - width * length * slopes[k]!));
      point[k] = Math.abs(moved - start) < least ? start : moved;
    }
  }
  await instance.margin(point);
}
