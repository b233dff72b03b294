import { attackedEvaluations, type Evaluation, listedSound, shownSamples } from '@rampart/reports';
import { type ImageFacts, imageFacts, type InstanceRecord, outcomeOf, type Store } from '@rampart/results';
import { z } from 'zod';

import { attackedMode, label, runId, seed } from './inputs';
import { existing } from './runs-router';
import { procedure, router } from './trpc';

export const galleryRouter = router({
  /** One page of attacked instances, with their pictures, and what there is to filter by. */
  page: procedure
    .input(
      z.object({
        id: runId,
        model: label.optional(),
        attack: label.optional(),
        mode: attackedMode.default('adaptive'),
        seed: seed.optional(),
        outcome: z.enum(['evaded', 'resisted', 'misclassified', 'unmoved']).optional(),
        page: z.int().min(1).max(1_000_000).default(1),
        perPage: z.int().min(1).max(96).default(24),
      }),
    )
    .query(async ({ ctx: { store }, input }) => {
      const run = await existing(store, input.id);
      const all = attackedEvaluations(await store.cells.ofRun(run.id));
      const chosen = all.filter(
        (one) =>
          one.mode === input.mode &&
          (input.model === undefined || one.model === input.model) &&
          (input.attack === undefined || one.attack === input.attack) &&
          (input.seed === undefined || one.seed === input.seed),
      );
      const keys = distinct(chosen.map((one) => one.evaluateStep));
      const { instances, total } = await store.instances.page({
        evaluateSteps: keys,
        offset: (input.page - 1) * input.perPage,
        limit: input.perPage,
        ...(input.outcome && { outcome: input.outcome }),
      });
      const facts = imageFacts(run);
      return {
        items: (await entries(store, facts, chosen, instances)).map((item) =>
          item.picture?.kind === 'sound' ? { ...item, picture: listedSound(item.picture) } : item,
        ),
        total,
        pages: Math.max(1, Math.ceil(total / input.perPage)),
        classes: facts.classes,
        models: distinct(all.map((one) => one.model)),
        attacks: distinct(all.map((one) => one.attack)),
        seeds: distinct(all.map((one) => one.seed)),
      };
    }),

  /** One test image under every attack and on every model. */
  instance: procedure
    .input(
      z.object({ id: runId, testIndex: z.int().min(0), mode: attackedMode.default('adaptive'), seed: seed.optional() }),
    )
    .query(async ({ ctx: { store }, input }) => {
      const run = await existing(store, input.id);
      const all = attackedEvaluations(await store.cells.ofRun(run.id));
      const wanted = input.seed ?? all[0]?.seed;
      const chosen = all.filter((one) => one.mode === input.mode && one.seed === wanted);
      const instances = await store.instances.ofTestIndex(
        distinct(chosen.map((one) => one.evaluateStep)),
        input.testIndex,
      );
      const facts = imageFacts(run);
      return {
        classes: facts.classes,
        seed: wanted,
        models: distinct(chosen.map((one) => one.model)),
        attacks: distinct(chosen.map((one) => one.attack)),
        items: await entries(store, facts, chosen, instances),
      };
    }),
});

async function entries(
  store: Store,
  facts: ImageFacts,
  chosen: readonly Evaluation[],
  instances: readonly InstanceRecord[],
) {
  const pictures = await shownSamples(store, facts, instances);
  return instances.map((instance, index) => {
    const of = chosen.find((one) => one.evaluateStep === instance.evaluateStep)!;
    const picture = pictures[index];
    const { model, attack, mode, seed } = of;
    return { ...instance, model, attack, mode, seed, outcome: outcomeOf(instance), picture };
  });
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
