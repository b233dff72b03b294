import { type AttackInstance, type AttackLoss, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { type ApgdOptions, searchApgd } from '../search/apgd';
import { DESCENT_LOSSES } from '../search/descent-losses';
import { searchSparseApgd } from '../search/sparse-apgd';

const LOSSES = {
  ...DESCENT_LOSSES,
  'targeted-dlr': 'targeted-dlr',
  'targeted-difference': 'difference',
} as const satisfies Record<string, AttackLoss>;

const params = z.object({
  loss: z
    .enum(Object.keys(LOSSES) as [keyof typeof LOSSES, ...(keyof typeof LOSSES)[]])
    .default('ce')
    .describe('What is lowered; the targeted ones against each of the likeliest other classes in turn.'),
  steps: z.int().positive().default(100).describe('Gradient steps of a run.'),
  targets: z
    .int()
    .positive()
    .optional()
    .describe('Other classes that a targeted loss is lowered against. Default: 9, in l1 5.'),
});

/**
 * Auto-PGD: projected gradient descent with momentum that chooses its step lengths itself (Croce and Hein 2020,
 * algorithm 1; in l1 Croce and Hein 2021, algorithm 1). The difference of logits ratio takes the place of the
 * cross-entropy where a model is so sure that its gradient vanishes.
 */
export const apgd = defineAttack({
  name: 'apgd',
  summary: 'Auto-PGD: momentum, and steps that shorten where they stop gaining.',
  source: 'Croce, Hein 2020, "Reliable evaluation of adversarial robustness ...", algorithm 1; Croce, Hein 2021',
  version: 1,
  family: 'budget',
  norms: ['linf', 'l2', 'l1'],
  params,
  each:
    ({ loss, steps, targets }) =>
    async (instance) => {
      if (loss.startsWith('targeted-')) await runApgdTargeted(instance, { loss: LOSSES[loss], steps }, targets);
      else await runApgd(instance, { loss: LOSSES[loss], steps });
    },
});

/**
 * One run of APGD in whichever norm the instance is attacked in.
 * @returns whether it went to its end
 */
export async function runApgd(instance: AttackInstance, options: ApgdOptions): Promise<boolean> {
  if (instance.norm.name !== 'l1') return searchApgd(instance, options);
  await searchSparseApgd(instance, options);
  return true;
}

/**
 * A run against each of the likeliest other classes, the likeliest first.
 * @returns the classes against which it was given up
 */
export async function runApgdTargeted(
  instance: AttackInstance,
  options: ApgdOptions,
  targets = instance.norm.name === 'l1' ? 5 : 9,
): Promise<ReadonlySet<number>> {
  const givenUp = new Set<number>();
  for (const rival of (await instance.rivals()).subarray(0, targets)) {
    if (!(await runApgd(instance, { ...options, rival }))) givenUp.add(rival);
  }
  return givenUp;
}
