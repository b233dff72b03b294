import { type AttackInstance, defineAttack, type FamilyParams } from '@rampart/core';
import { z } from 'zod';

const params = z.object({
  loss: z
    .enum(['cross-entropy', 'margin', 'dlr'])
    .default('cross-entropy')
    .describe('What is lowered: see the losses of attacks.'),
  steps: z.int().positive().default(40).describe('Gradient steps.'),
  step: z.number().positive().optional().describe('Length of a step. Default: 2.5 epsilon / steps.'),
  randomStart: z.boolean().default(true).describe('Whether a run starts at a random point of the ball.'),
  sparsity: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('For l1: the part of the features, those of the largest slopes, that a step moves.'),
});

/**
 * Projected gradient descent (Madry et al. 2018, section 2.1): steps along the steepest direction of the norm, each
 * followed by the exact projection into the ball and the feasible set. In l1 a step moves the features of the largest
 * slopes together (SLIDE; Tramer and Boneh 2019, algorithm 1), since the steepest moves one alone.
 */
export const pgd = defineAttack({
  name: 'pgd',
  summary: 'Projected gradient descent from a random start.',
  source: 'Madry, Makelov, Schmidt, Tsipras, Vladu 2018, section 2.1; Tramer, Boneh 2019, algorithm 1',
  version: 1,
  family: 'budget',
  norms: ['linf', 'l2', 'l1'],
  params,
  each: (options) => (instance) => descend(instance, options),
});

async function descend(instance: AttackInstance, options: z.output<typeof params> & FamilyParams): Promise<void> {
  const { original, features, norm, epsilon, rng } = instance;
  const length = options.step ?? (2.5 * epsilon) / options.steps;
  const point = original.slice();
  const direction = new Float32Array(features);
  if (options.randomStart) {
    norm.random(rng, direction);
    for (let k = 0; k < features; k++) point[k] = original[k]! + epsilon * direction[k]!;
    instance.project(point);
  }
  for (let step = 0; step < options.steps; step++) {
    const { gradient } = await instance.gradient(point, options.loss);
    if (norm.name === 'l1') sparseStep(gradient, options.sparsity, direction);
    else norm.steepest(gradient, direction);
    for (let k = 0; k < features; k++) point[k] = point[k]! + length * direction[k]!;
    instance.project(point);
  }
  await instance.margin(point);
}

/** The step of l1 norm 1 that moves, all alike, the part of the features that have the largest slopes. */
function sparseStep(gradient: Float32Array, part: number, into: Float32Array): void {
  const moved = Math.max(1, Math.round(part * gradient.length));
  const sizes = Float32Array.from(gradient, Math.abs).sort();
  const threshold = Math.max(sizes[sizes.length - moved]!, Number.MIN_VALUE);
  let count = 0;
  for (let k = 0; k < gradient.length; k++) if (Math.abs(gradient[k]!) >= threshold) count++;
  for (let k = 0; k < gradient.length; k++) {
    into[k] = Math.abs(gradient[k]!) >= threshold ? -Math.sign(gradient[k]!) / count : 0;
  }
}
