import {
  attackedEvaluations,
  attackedRows,
  type Evaluation,
  instanceDetails,
  listedSound,
  nearestExamples,
  shownSample,
  shownSamples,
} from '@rampart/reports';
import {
  type ImageFacts,
  imageFacts,
  INSTANCE_ORDERS,
  type InstanceRecord,
  outcomeOf,
  type Store,
} from '@rampart/results';
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
        /** See `InstanceOrder`. */
        order: z.enum(INSTANCE_ORDERS).default('evaded'),
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
        order: input.order,
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

  /** One test sample under every attack and on every model, with all that is known of it there. */
  instance: procedure
    .input(
      z.object({ id: runId, testIndex: z.int().min(0), mode: attackedMode.default('adaptive'), seed: seed.optional() }),
    )
    .query(async ({ ctx: { store }, input }) => {
      const run = await existing(store, input.id);
      const cells = await store.cells.ofRun(run.id);
      const all = attackedEvaluations(cells);
      const wanted = input.seed ?? all[0]?.seed;
      const chosen = all.filter((one) => one.mode === input.mode && one.seed === wanted);
      const keys = distinct(chosen.map((one) => one.evaluateStep));
      const instances = await store.instances.ofTestIndex(keys, input.testIndex);
      const facts = imageFacts(run);
      const rows = await attackedRows(store, instances);
      const details = await instanceDetails(
        store,
        rows,
        instances.map((instance) => ({ ...instance, mode: input.mode })),
      );
      const items = instances.map((instance, index) => {
        const row = rows[index];
        const picture = row && shownSample(row, facts);
        return { ...entry(chosen, instance), picture, details: details[index] };
      });
      const models = distinct(chosen.map((one) => one.model));
      return {
        classes: facts.classes,
        box: facts.box,
        /** How many the test set has; undefined where nothing was measured on all of it. */
        testSamples: cells.find(({ mode, metric }) => mode === 'clean' && metric === 'error-rate')?.count,
        ...(keys[0] !== undefined && (await store.instances.neighbours(keys[0], input.testIndex))),
        seed: wanted,
        seeds: distinct(all.map((one) => one.seed)),
        models,
        attacks: distinct(chosen.map((one) => one.attack)),
        items,
        nearest: models.map((model) => ({
          model,
          ofNorms: nearestExamples(items.filter((one) => one.model === model)),
        })),
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
  return instances.map((instance, index) => ({ ...entry(chosen, instance), picture: pictures[index] }));
}

/** An instance with the evaluation that it is of. */
function entry(chosen: readonly Evaluation[], instance: InstanceRecord) {
  const { model, attack, mode, seed } = chosen.find((one) => one.evaluateStep === instance.evaluateStep)!;
  return { ...instance, model, attack, mode, seed, outcome: outcomeOf(instance) };
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
