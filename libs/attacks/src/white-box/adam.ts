import { clip, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { EvasionObjective } from './evasion-objective';

/**
 * Minimises the publication's objective Q(x') (section 4) with Adam (Kingma and Ba 2015, algorithm 1), clipping to
 * the box after every step, and stops as soon as the instance evades. A gradient evaluation at a point also tells
 * whether that point evades, so an instance that evades after n steps costs n + 1 of them.
 */
export const adam = defineAttack({
  name: 'adam',
  summary: 'Adam on the signed margin and the cost of distortion, until the instance evades.',
  source: 'Chen, Li, Vorobeychik, section 4; Kingma, Ba 2015, algorithm 1',
  version: 3,
  params: z.object({
    learningRate: z.number().positive().default(0.1).describe('Step size, in the units of the pixel box.'),
    iterations: z.int().positive().default(200).describe('Steps after which an instance is given up.'),
    lambda: z.number().min(0).default(0).describe('Weight of the distortion in the cost exp(lambda sqrt(|d|^2+1)).'),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    stabiliser: z.number().positive().default(1e-8).describe("Adam's epsilon, which keeps the division finite."),
  }),
  threat: () => ({ norm: 'none' }),
  create:
    ({ learningRate, iterations: limit, lambda, beta1, beta2, stabiliser }) =>
    async (problem) => {
      const { count, features, originals, box } = problem;
      const objective = new EvasionObjective(lambda);
      const candidates = originals.slice();
      const iterations = new Int32Array(count);
      const first = new Float32Array(count * features);
      const second = new Float32Array(count * features);
      let active = Array.from({ length: count }, (_, index) => index);

      for (let step = 1; step <= limit && active.length > 0; step++) {
        const points = new Float32Array(active.length * features);
        active.forEach((instance, slot) =>
          points.set(candidates.subarray(instance * features, (instance + 1) * features), slot * features),
        );
        const { margins, gradient } = await problem.gradient(points, active, 'margin');
        const correction1 = 1 - beta1 ** step;
        const correction2 = 1 - beta2 ** step;
        const remaining: number[] = [];
        active.forEach((instance, slot) => {
          if (margins[slot]! < 0) return;
          remaining.push(instance);
          iterations[instance] = step;
          const point = points.subarray(slot * features, (slot + 1) * features);
          const slope = gradient.subarray(slot * features, (slot + 1) * features);
          const offset = instance * features;
          objective.addCostGradient(slope, point, originals, offset);
          for (let k = 0; k < features; k++) {
            const g = slope[k]!;
            const m = beta1 * first[offset + k]! + (1 - beta1) * g;
            const v = beta2 * second[offset + k]! + (1 - beta2) * g * g;
            first[offset + k] = m;
            second[offset + k] = v;
            const move = (learningRate * (m / correction1)) / (Math.sqrt(v / correction2) + stabiliser);
            candidates[offset + k] = clip(point[k]! - move, box);
          }
        });
        active = remaining;
      }
      return { candidates, iterations };
    },
});
