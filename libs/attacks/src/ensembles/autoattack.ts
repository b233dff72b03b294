import { type AttackInstance, defineAttack, type FamilyParams } from '@rampart/core';
import { z } from 'zod';

import { searchSquare } from '../black-box/square';
import { runApgd, runApgdTargeted } from '../white-box/apgd';
import { searchFab } from '../white-box/fab';

const params = z.object({
  version: z
    .enum(['standard', 'plus', 'rand'])
    .default('standard')
    .describe('Which attacks: see below. `rand` is for models that draw random numbers.'),
  steps: z.int().positive().default(100).describe('Gradient steps of a run of APGD and FAB.'),
  queries: z.int().positive().default(5000).describe('Queries of Square.'),
  giveUp: z
    .boolean()
    .default(true)
    .describe('Whether runs end early whose own progress says that they will not get there: see below.'),
  samples: z
    .int()
    .positive()
    .optional()
    .describe('Evaluations that each answer is the mean of (EOT). Default: 20 for `rand`, else 1.'),
});

type Options = z.output<typeof params> & FamilyParams;

/**
 * AutoAttack (Croce and Hein 2020, section 5): attacks without a parameter to be tuned, one after the other, each on the
 * instances that those before left robust. A targeted loss that needs four classes is replaced by the difference of
 * logits where there are fewer; the stage's name says so. No component depends on batch size or order, and none returns
 * a point that the model judged otherwise: its known faults.
 */
export const autoattack = defineAttack({
  name: 'autoattack',
  summary: 'AutoAttack: APGD on two losses, FAB and Square, each on what is left robust.',
  source: 'Croce, Hein 2020, "Reliable evaluation of adversarial robustness ...", section 5; in l1 Croce, Hein 2021',
  version: 2,
  family: 'budget',
  norms: ['linf', 'l2', 'l1'],
  params,
  samples: ({ version, samples }) => samples ?? (version === 'rand' ? 20 : 1),
  each: (options) => (instance) => COMPONENTS[options.version](instance, options),
});

/** The settings of FAB's authors. */
const FAB = { alphaMax: 0.1, eta: 1.05, beta: 0.9, finalSearch: 3 } as const;

/** The likeliest other classes that FAB is run against in any case. */
const ALWAYS = 2;

type Ensemble = (instance: AttackInstance, options: Options) => Promise<void>;

const COMPONENTS: Readonly<Record<Options['version'], Ensemble>> = {
  async standard(instance, options) {
    await crossEntropy(instance, options, instance.norm.name === 'l1' ? 5 : 1);
    const givenUp = await apgdTargeted(instance, options);
    await fabTargeted(instance, options, givenUp);
    await square(instance, options);
  },
  async plus(instance, options) {
    await crossEntropy(instance, options, 5);
    await dlr(instance, options, 5);
    instance.stage('fab');
    for (let run = 0; run < 5; run++) {
      await searchFab(instance, {
        ...FAB,
        steps: options.steps,
        targets: 0,
        giveUp: options.giveUp,
        randomStart: run > 0,
      });
    }
    await square(instance, options);
    const givenUp = await apgdTargeted(instance, options);
    await fabTargeted(instance, options, givenUp);
  },
  async rand(instance, options) {
    await crossEntropy(instance, options, 1);
    await dlr(instance, options, 1);
  },
};

async function crossEntropy(instance: AttackInstance, { steps }: Options, runs: number): Promise<void> {
  instance.stage('apgd-ce');
  for (let run = 0; run < runs; run++) await runApgd(instance, { loss: 'cross-entropy', steps });
}

async function dlr(instance: AttackInstance, { steps }: Options, runs: number): Promise<void> {
  instance.stage(instance.classes < 3 ? 'apgd-difference' : 'apgd-dlr');
  for (let run = 0; run < runs; run++) await runApgd(instance, { loss: 'dlr', steps });
}

/** Returns the classes that it gave up on. */
async function apgdTargeted(instance: AttackInstance, { steps, giveUp }: Options): Promise<ReadonlySet<number>> {
  instance.stage(instance.classes < 4 ? 'apgd-t (difference)' : 'apgd-t');
  return runApgdTargeted(instance, { loss: 'targeted-dlr', steps, giveUp });
}

/** Against the likeliest classes, and those that APGD did not give up on. */
async function fabTargeted(
  instance: AttackInstance,
  { steps, giveUp }: Options,
  givenUp: ReadonlySet<number>,
): Promise<void> {
  instance.stage('fab-t');
  const likeliest = (await instance.rivals()).subarray(0, ALWAYS);
  const except = new Set(givenUp);
  for (const rival of likeliest) except.delete(rival);
  await searchFab(instance, { ...FAB, steps, targets: 9, except, giveUp });
}

async function square(instance: AttackInstance, { queries, giveUp }: Options): Promise<void> {
  instance.stage('square');
  await searchSquare(instance, { queries, giveUp });
}
