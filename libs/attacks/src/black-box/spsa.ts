import { clip, defineAttack, spsaGradients } from '@rampart/core';
import { z } from 'zod';

/**
 * Minimises the signed margin by Adam on gradients estimated from queries (Uesato et al. 2018, algorithm 1), inside an
 * l-infinity ball around the instance, and stops as soon as it evades. Needs no gradient of the model.
 */
export const spsa = defineAttack({
  name: 'spsa',
  summary: 'Adam on gradients estimated from queries by simultaneous perturbation; works on every model.',
  source: "Uesato, O'Donoghue, van den Oord, Kohli 2018, algorithm 1; Spall 1992, equation 2.2",
  version: 1,
  params: z.object({
    epsilon: z
      .number()
      .positive()
      .default(0.3)
      .describe('Largest change of a pixel, in the units of the pixel box.')
      .meta({ shown: true }),
    samples: z.int().positive().default(32).describe('Random directions averaged in one estimate; two queries each.'),
    radius: z.number().positive().default(0.05).describe('How far every pixel is moved in a query.'),
    learningRate: z.number().positive().default(0.05).describe('Step size, in the units of the pixel box.'),
    iterations: z.int().positive().default(50).describe('Steps after which an instance is given up.'),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    stabiliser: z.number().positive().default(1e-8).describe("Adam's epsilon, which keeps the division finite."),
  }),
  threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
  create:
    ({ epsilon, samples, radius, learningRate, iterations: limit, beta1, beta2, stabiliser }) =>
    async (problem) => {
      const { count, features, originals, box } = problem;
      const candidates = originals.slice();
      const iterations = new Int32Array(count);
      const first = new Float32Array(count * features);
      const second = new Float32Array(count * features);
      const rngs = Array.from({ length: count }, (_, instance) => problem.rng(instance));
      let active = Array.from({ length: count }, (_, index) => index);
      const gather = (instances: readonly number[]) => {
        const points = new Float32Array(instances.length * features);
        instances.forEach((instance, slot) =>
          points.set(candidates.subarray(instance * features, (instance + 1) * features), slot * features),
        );
        return points;
      };

      for (let step = 1; step <= limit && active.length > 0; step++) {
        const margins = await problem.margins(gather(active), active);
        active = active.filter((_, slot) => margins[slot]! >= 0);
        if (active.length === 0) break;
        const instances = active;
        const points = gather(instances);
        const gradient = await spsaGradients(
          points,
          instances.map((instance) => rngs[instance]!),
          (queries, owners) =>
            problem.margins(
              queries,
              owners.map((slot) => instances[slot]!),
            ),
          { samples, radius, box },
        );
        const correction1 = 1 - beta1 ** step;
        const correction2 = 1 - beta2 ** step;
        instances.forEach((instance, slot) => {
          iterations[instance] = step;
          const offset = instance * features;
          for (let k = 0; k < features; k++) {
            const g = gradient[slot * features + k]!;
            const m = beta1 * first[offset + k]! + (1 - beta1) * g;
            const v = beta2 * second[offset + k]! + (1 - beta2) * g * g;
            first[offset + k] = m;
            second[offset + k] = v;
            const move = (learningRate * (m / correction1)) / (Math.sqrt(v / correction2) + stabiliser);
            const original = originals[offset + k]!;
            const ball = { min: original - epsilon, max: original + epsilon };
            candidates[offset + k] = clip(clip(points[slot * features + k]! - move, ball), box);
          }
        });
      }
      return { candidates, iterations };
    },
});
