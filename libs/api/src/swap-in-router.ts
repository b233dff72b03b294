import {
  formatComponent,
  formatThreat,
  parseComponent,
  parseComponents,
  parseThreats,
  RampartError,
} from '@rampart/core';
import type { Store } from '@rampart/results';
import { z } from 'zod';

import { checksum, modelName, runName } from './inputs';
import { inspectionOf } from './model-inspection';
import { notFound, procedure, router } from './trpc';
import { uploaded } from './uploaded';
import { withoutPaths } from './without-paths';

const component = z.object({
  name: z.string(),
  summary: z.string().default(''),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        type: z.string().default(''),
        default: z.string().default(''),
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
    return { id, kind, state, runId, error: error && withoutPaths(error), createdAt, finishedAt };
  }),

  inspection: procedure
    .input(z.object({ artifact: checksum }))
    .query(async ({ ctx: { store }, input }) => (await inspectionOf(store, input.artifact)) ?? null),

  /** Asks the trainer's process to evaluate an uploaded model. */
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
        seed: z
          .int()
          .min(0)
          .max(2 ** 31 - 1)
          .default(1),
      }),
    )
    .mutation(async ({ ctx: { store }, input }) => {
      const experiment = evaluationExperiment(store, input);
      await uploaded(store, input.artifact);
      return { job: await store.jobs.add('run', { experiment }) };
    }),
});

/** The experiment file that evaluates a model of the store. @throws RampartError `usage` for malformed components */
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
    readonly seed: number;
  },
): string {
  const file = store.artifacts.address({ checksum: input.artifact, extension: 'onnx' });
  const threats = input.threats ? parseThreats(input.threats).map(formatThreat) : [];
  const attacks = input.attacks === '' ? [] : parseComponents(input.attacks).map(formatComponent);
  if (threats.length === 0 && attacks.length === 0) {
    throw new RampartError({
      code: 'usage',
      message: 'There is nothing to evaluate the model with: choose an attack, or say what it is to withstand.',
    });
  }
  const params = { path: file, ...(input.model !== undefined && { name: input.model }) };
  const model = formatComponent({ name: 'onnx', params });
  const name = input.name.replace(/[^\w.-]+/g, ' ').trim();
  if (name === '') throw new RampartError({ code: 'usage', message: 'The name needs a letter or a digit.' });
  // JSON strings are YAML strings, so that nothing that was typed can be anything but a string.
  return [
    `name: ${JSON.stringify(name)}`,
    `dataset: ${JSON.stringify(formatComponent(parseComponent(input.dataset)))}`,
    `models: ${JSON.stringify([model])}`,
    ...(threats.length > 0 ? [`threats: ${JSON.stringify(threats)}`] : []),
    ...(attacks.length > 0 ? [`attacks: ${JSON.stringify(attacks)}`] : []),
    'examples: ["adaptive"]',
    `seeds: [${input.seed}]`,
    '',
  ].join('\n');
}
