import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { cosine } from '../search/cosine';

const params = z.object({
  steps: z.int().positive().default(1000).describe('Gradient steps.'),
  firstNorm: z.number().positive().default(1).describe("The first radius, in widths of the pixel box."),
  gamma: z.number().positive().max(1).default(0.05).describe('The part by which a step grows or shrinks the radius.'),
  firstStep: z.number().positive().default(1).describe('Length of the first step, in widths of the pixel box.'),
  lastStep: z.number().positive().default(0.01).describe('Length of the last step; by cosine in between.'),
  mode: z.enum(['clip','exact']).default('exact'),
});

export const ddn = defineAttack({
  name: 'ddn',
  summary: 'Decoupled direction and norm: follows the gradient on a sphere that shrinks while it evades and grows else.',
  source: 'Rony, Hafemann, Oliveira, Ben Ayed, Sabourin, Granger 2019, algorithm 1',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2'],
  params,
  each: (options) => (instance) => descend(instance, options),
});

async function descend(instance: AttackInstance, options: z.output<typeof params>): Promise<void> {
  const { original, features, norm, box, bounds } = instance;
  const width = box.max - box.min;
  const point = original.slice();
  const offset = new Float32Array(features);
  let worst = 0;
  for (let k = 0; k < features; k++) worst += Math.max(bounds.upper[k]! - original[k]!, original[k]! - bounds.lower[k]!) ** 2;
  worst = Math.sqrt(worst);
  let radius = options.firstNorm * width;
  for (let step = 0; step < options.steps; step++) {
    const { gradient, margin } = await instance.gradient(point, 'cross-entropy');
    const size = norm.dual(gradient);
    const length = width * cosine(options.firstStep, options.lastStep, step, options.steps);
    radius = Math.min(worst, radius * (margin < 0 ? 1 - options.gamma : 1 + options.gamma));
    const f = length/ (size || 1);
    for (let k = 0; k < features; k++) offset[k] = point[k]! - original[k]! - f * gradient[k]!;
    if (options.mode === 'clip') {
      let s = 0; for (let k = 0; k < features; k++) s += offset[k]!**2;
      s = radius / Math.sqrt(s);
      for (let k = 0; k < features; k++) point[k] = Math.min(bounds.upper[k]!, Math.max(bounds.lower[k]!, original[k]! + s * offset[k]!));
    } else {
      for (let k = 0; k < features; k++) point[k] = original[k]! + 1e3 * offset[k]!;
      norm.project(point, original, radius, bounds);
    }
  }
  await instance.margin(point);
}
