import { z } from 'zod';

import { roundsParameter } from './rounds';

/** The parameters of primal-dual attacks. */
export const primalDualParameters = () =>
  z.object({
    steps: z.int().positive().default(1000).describe('Gradient steps of a run.'),
    rounds: roundsParameter(4),
    learningRate: z
      .number()
      .positive()
      .default(0.1)
      .describe("Adam's first step size, in widths of the pixel box; falls exponentially to a hundredth."),
    ratio: z
      .number()
      .positive()
      .default(0.1)
      .describe("The distance's weight to begin with, as a part of the constraint's."),
    dualRate: z
      .number()
      .positive()
      .default(0.1)
      .describe("What a step first adds to the logarithm of the constraint's weight; falls to a tenth."),
  });

/** The size of a last step, as a part of a first one. */
const LAST_PART = 0.01;

/** The step size, which falls exponentially. */
export function rateAt(first: number, step: number, steps: number): number {
  return first * LAST_PART ** (step / steps);
}
