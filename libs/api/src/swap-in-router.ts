import {
  type ComponentSpec,
  formatComponent,
  formatThreat,
  parseComponent,
  parseComponents,
  parseThreats,
  RampartError,
} from '@rampart/core';
import type { Store } from '@rampart/results';
import { z } from 'zod';

import { classesFor, fitOf, misfit } from './dataset-fit';
import { checksum, modelName, runName } from './inputs';
import { inspectionOf } from './model-inspection';
import { notFound, procedure, router } from './trpc';
import { uploaded } from './uploaded';
import { withoutPaths } from './without-paths';

const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

const component = z.object({
  name: z.string(),
  summary: z.string().default(''),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        type: z.string().default(''),
        /** As text; `required` where a value has to be given. */
        default: z
          .unknown()
          .optional()
          .transform((value) =>
            value === undefined ? 'required' : typeof value === 'string' ? value : JSON.stringify(value),
          ),
        description: z.string().default(''),
      }),
    )
    .default([]),
});

/** The components that the trainer's installation has, as it wrote them down: the document `catalog`. */
const catalog = z.object({
  attacks: z.array(component).default([]),
  datasets: z.array(component).default([]),
  defenses: z.array(component).default([]),
  models: z.array(component).default([]),
});

const positiveIndex = z.union([z.literal(0), z.literal(1)]);

/** What an evaluation that was to be careful ended with, where the model does far better if it is taken otherwise. */
const askedBack = z.object({
  better: z.object({ preprocess: z.string().optional(), positiveIndex: positiveIndex.optional(), figures: z.string() }),
});

export const swapInRouter = router({
  /** What an evaluation may choose from. */
  catalog: procedure.query(
    async ({ ctx: { store } }) => catalog.safeParse((await store.documents.get('catalog')) ?? {}).data ?? null,
  ),

  /** A job as it stands. */
  job: procedure.input(z.object({ id: z.int().positive() })).query(async ({ ctx: { store }, input }) => {
    const job = await store.jobs.find(input.id);
    if (!job) throw notFound(`There is no job ${input.id}.`);
    const { id, kind, state, runId, error, createdAt, finishedAt } = job;
    const better = askedBack.safeParse(job.result).data?.better;
    return { id, kind, state, runId, better, error: error && withoutPaths(error), createdAt, finishedAt };
  }),

  inspection: procedure
    .input(z.object({ artifact: checksum }))
    .query(async ({ ctx: { store }, input }) => (await inspectionOf(store, input.artifact)) ?? null),

  /** Which data a model takes, as far as its file says; null before it was inspected. */
  fit: procedure.input(z.object({ artifact: checksum })).query(async ({ ctx: { store }, input }) => {
    const inspection = await inspectionOf(store, input.artifact);
    if (!inspection) return null;
    const fit = fitOf(inspection);
    const [dataset] = fit.datasets;
    return { ...fit, classesChosen: dataset === undefined ? undefined : classesFor(dataset, fit.classes) };
  }),

  /** Asks the trainer's process to evaluate an uploaded model, and what defenses make of it. */
  evaluate: procedure
    .input(
      z.object({
        artifact: checksum,
        name: runName,
        model: modelName.optional(),
        dataset: z.string().min(1).max(300),
        /** What the model is to withstand: `linf(8/255), l2(0.5)`. */
        threats: z.string().trim().max(300).optional(),
        /** None, with threats: what answers each of them best. */
        attacks: z.string().trim().max(1000).default(''),
        /** What it is hardened by: `rad(attack=adam)`; none where it is only evaluated. */
        defenses: z.string().trim().max(1000).optional(),
        seed: seed.default(1),
        /** Instead of the one. */
        seeds: z.array(seed).min(1).max(100).optional(),
        /** By name or number, the attacked one first: `4,7`; or `all`. Default: the dataset's own. */
        classes: z.string().trim().max(1000).optional(),
        /** `range=0..1 mean=0.5 std=0.2 order=bgr layout=nhwc`, or `auto`. */
        preprocess: z.string().trim().max(300).optional(),
        /** Of a single score: the class that it is the score of. */
        positiveIndex: positiveIndex.optional(),
        /** The class that attacked instances are to be taken for. */
        target: z.string().trim().max(100).optional(),
        /** Attacks nothing where the model does far better if it is taken otherwise: its job then says how. */
        careful: z.boolean().default(false),
      }),
    )
    .mutation(async ({ ctx: { store }, input }) => {
      const inspection = await inspectionOf(store, input.artifact);
      const wrong = inspection && misfit(fitOf(inspection), parseComponent(input.dataset).name);
      if (wrong !== undefined) throw new RampartError({ code: 'usage', message: wrong });
      const experiment = evaluationExperiment(store, input);
      await uploaded(store, input.artifact);
      return { job: await store.jobs.add('run', { experiment, ...(input.careful && { careful: true }) }) };
    }),
});

/** The experiment file that evaluates, or hardens, a model of the store. @throws RampartError `usage` for malformed components */
export function evaluationExperiment(
  store: Store,
  input: {
    readonly artifact: string;
    readonly name: string;
    /** What tables call the model; the beginning of its checksum without it. */
    readonly model?: string | undefined;
    readonly dataset: string;
    readonly threats?: string | undefined;
    readonly attacks: string;
    readonly defenses?: string | undefined;
    readonly seed: number;
    readonly seeds?: readonly number[] | undefined;
    readonly classes?: string | undefined;
    readonly preprocess?: string | undefined;
    readonly positiveIndex?: 0 | 1 | undefined;
    readonly target?: string | undefined;
  },
): string {
  const file = store.artifacts.address({ checksum: input.artifact, extension: 'onnx' });
  const threats = input.threats ? parseThreats(input.threats).map(formatThreat) : [];
  const attacks = input.attacks === '' ? [] : parseComponents(input.attacks).map(formatComponent);
  const defenses = input.defenses ? parseComponents(input.defenses).map(formatComponent) : [];
  if (threats.length === 0 && attacks.length === 0) {
    throw new RampartError({
      code: 'usage',
      message: 'There is nothing to evaluate the model with: choose an attack, or say what it is to withstand.',
    });
  }
  const params = {
    path: file,
    ...(input.model !== undefined && { name: input.model }),
    ...(input.preprocess && { preprocess: input.preprocess }),
    ...(input.positiveIndex !== undefined && { positiveIndex: input.positiveIndex }),
  };
  const model = formatComponent({ name: 'onnx', params });
  // JSON strings are YAML strings, so that nothing that was typed can be anything but a string.
  return [
    `name: ${JSON.stringify(input.name)}`,
    `dataset: ${JSON.stringify(formatComponent(withClasses(parseComponent(input.dataset), input.classes)))}`,
    `models: ${JSON.stringify([model])}`,
    ...(threats.length > 0 ? [`threats: ${JSON.stringify(threats)}`] : []),
    ...(attacks.length > 0 ? [`attacks: ${JSON.stringify(attacks)}`] : []),
    ...(defenses.length > 0 ? [`defenses: ${JSON.stringify(defenses)}`] : []),
    // Without a defense there is nothing to replay examples on.
    `examples: ${JSON.stringify(defenses.length > 0 ? ['static', 'adaptive'] : ['adaptive'])}`,
    ...(input.target ? [`target: ${JSON.stringify(input.target)}`] : []),
    `seeds: [${(input.seeds ?? [input.seed]).join(', ')}]`,
    '',
  ].join('\n');
}

function withClasses(dataset: ComponentSpec, classes: string | undefined): ComponentSpec {
  if (!classes) return dataset;
  const named = classes
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const chosen = named.join() === 'all' ? 'all' : named.map((one) => (/^\d+$/.test(one) ? Number(one) : one));
  return { ...dataset, params: { ...dataset.params, classes: chosen } };
}
