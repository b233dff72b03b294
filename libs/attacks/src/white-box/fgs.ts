import { clip, defineAttack } from '@rampart/core';
import { z } from 'zod';

/**
 * Fast gradient sign (Goodfellow, Shlens and Szegedy 2015, section 4; the publication's section 4):
 * x' = x + epsilon * sign(grad J(x, y)), clipped to the box. One gradient an instance.
 */
export const fgs = defineAttack({
  name: 'fgs',
  summary: 'Fast gradient sign: one step of epsilon along the sign of the gradient of the cross-entropy.',
  source: 'Goodfellow, Shlens, Szegedy 2015, "Explaining and harnessing adversarial examples", section 4',
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
    async (problem) => {
      const instances = Int32Array.from({ length: problem.count }, (_, index) => index);
      const { gradient } = await problem.gradient(problem.originals, instances, 'cross-entropy');
      // The attacker's loss is -J, so lowering it raises the cross-entropy.
      const candidates = problem.originals.map((value, k) =>
        clip(value - epsilon * Math.sign(gradient[k]!), problem.box),
      );
      return { candidates, iterations: new Int32Array(problem.count).fill(1) };
    },
});
