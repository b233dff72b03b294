import { clip, defineAttack, definePlugin } from '@rampart/core';
import { z } from 'zod';

/** A step of epsilon in a random direction: what an attack must beat to be worth its gradients. */
export const randomSign = defineAttack({
  name: 'random-sign',
  summary: 'Moves every pixel by epsilon, up or down at random.',
  source: 'A baseline without gradients',
  version: 1,
  params: z.object({
    epsilon: z
      .number()
      .positive()
      .default(0.1)
      .describe('Change of every pixel, in the units of the pixel box.')
      .meta({ shown: true }),
  }),
  threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
  create:
    ({ epsilon }) =>
    async ({ count, features, originals, box, rng }) => {
      const candidates = originals.slice();
      for (let i = 0; i < count; i++) {
        const random = rng(i);
        for (let k = i * features; k < (i + 1) * features; k++) {
          candidates[k] = clip(originals[k]! + (random.uniform() < 0.5 ? epsilon : -epsilon), box);
        }
      }
      return { candidates, iterations: new Int32Array(count).fill(1) };
    },
});

export default definePlugin({ name: 'random-sign', version: '0.1.0', core: '^0.1.0', components: [randomSign] });
