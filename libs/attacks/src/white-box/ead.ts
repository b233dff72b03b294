import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { searchConstant } from '../search/constant-search';

const params = z.object({
  searches: z.int().positive().default(9).describe('Weights of the margin that are tried, by bisection.'),
  steps: z.int().positive().default(1000).describe('Steps for each of them.'),
  learningRate: z
    .number()
    .positive()
    .default(0.01)
    .describe('Length of the first step; it falls to 0 with a square root.'),
  constant: z.number().positive().default(1e-3).describe('The first weight of the margin beside the distance.'),
  beta: z.number().min(0).default(0.01).describe('The weight of the l1 norm beside the squared Euclidean norm.'),
  kappa: z.number().min(0).default(0).describe('How far below 0 the margin is lowered.'),
  accelerated: z.boolean().default(true).describe('FISTA: each gradient is taken a little ahead; else ISTA.'),
});

type Options = z.output<typeof params>;

/**
 * The elastic net attack (Chen et al. 2018, algorithm 1): lowers c x max(margin, -kappa) + |d|^2 + beta |d|_1 with
 * shrinkage and thresholding, which leaves most features as they are, for the least c that gives an example.
 */
export const ead = defineAttack({
  name: 'ead',
  summary: 'Elastic net attack: the margin against the l1 and l2 norms, by iterative shrinkage and thresholding.',
  source: 'Chen, Sharma, Zhang, Yi, Hsieh 2018, algorithm 1',
  version: 1,
  family: 'minimum-norm',
  norms: ['l1'],
  params,
  width: () => 2,
  each: (options) => (instance) =>
    searchConstant(options.constant, options.searches, (constant) => descend(instance, constant, options)),
});

async function descend(instance: AttackInstance, constant: number, options: Options): Promise<boolean> {
  const { original, features } = instance;
  const { steps, kappa, beta } = options;
  let point = original.slice();
  let next = new Float32Array(features);
  const ahead = original.slice();
  let found = false;
  for (let count = 0; count < steps; count++) {
    const { margin, gradient } = await instance.gradient(ahead, 'margin');
    if (margin < -kappa) found = true;
    const length = options.learningRate * Math.sqrt(1 - count / steps);
    const moved = shrink(instance, ahead, gradient, { length, weight: margin > -kappa ? constant : 0, beta }, next);
    const momentum = options.accelerated ? count / (count + 3) : 0;
    for (let k = 0; k < features; k++) ahead[k] = next[k]! + momentum * (next[k]! - point[k]!);
    instance.project(ahead);
    [point, next] = [next, point];
    // From the original every step to come leads back to it, being shorter than this one.
    if (!moved && count === 0) return found;
    // Where the gradient's point evades so does, mostly, the sparser one behind it.
    if (options.accelerated && margin < 0 && (await instance.margin(point)) < -kappa) found = true;
  }
  return found;
}

interface Shrinkage {
  readonly length: number;
  readonly weight: number;
  readonly beta: number;
}

/**
 * A gradient step followed by shrinkage (equation 5): a feature that moved by no more than beta goes back to where it was,
 * another comes nearer by beta. Returns whether any feature is not where the original has it.
 */
function shrink(
  { original, bounds: { lower, upper }, box }: AttackInstance,
  from: Float32Array,
  gradient: Float32Array,
  { length, weight, beta }: Shrinkage,
  into: Float32Array,
): boolean {
  const width = box.max - box.min;
  const slope = length * weight * width * width;
  const threshold = beta * width;
  let any = false;
  for (let k = 0; k < into.length; k++) {
    const start = original[k]!;
    const moved = from[k]! - start;
    const step = moved - 2 * length * moved - slope * gradient[k]!;
    const kept = step > threshold ? step - threshold : step < -threshold ? step + threshold : 0;
    const low = lower[k]!;
    const high = upper[k]!;
    const there = start + kept;
    into[k] = there < low ? low : there > high ? high : there;
    if (into[k] !== start) any = true;
  }
  return any;
}
