import { possibleErrors } from '@rampart/reports';
import { hardenedKey, type ModelRecord, type Store } from '@rampart/results';
import { z } from 'zod';

import { checksum, checksumBeginning, runId, tag } from './inputs';
import { type MatrixFigure, figureOf } from './matrix';
import { inspectionOf } from './model-inspection';
import { existing } from './runs-router';
import { notFound, procedure, router } from './trpc';
import { uploaded } from './uploaded';

/** Runs whose figures a card shows, the latest ones. */
const RUNS_SHOWN = 20;

export const modelsRouter = router({
  /** Every model of the store once, those of the latest runs first. */
  list: procedure
    .input(
      z.object({
        search: z.string().max(200).optional(),
        tag: z.string().max(60).optional(),
        order: z.enum(['latest', 'label', 'parameters', 'dataset', 'clean-error']).default('latest'),
        descending: z.boolean().optional(),
        page: z.int().min(1).max(100_000).default(1),
        perPage: z.int().min(1).max(200).default(50),
      }),
    )
    .query(async ({ ctx: { store }, input: { page, perPage, search, tag: tagged, order, descending } }) => {
      const { models, total } = await store.models.list({
        limit: perPage,
        offset: (page - 1) * perPage,
        order,
        ...(search && { search }),
        ...(tagged && { tag: tagged }),
        ...(descending !== undefined && { descending }),
      });
      return { models: await entriesOf(store, models), total, pages: Math.max(1, Math.ceil(total / perPage)) };
    }),

  /** The models of a run. */
  ofRun: procedure.input(z.object({ id: runId })).query(async ({ ctx: { store }, input }) => {
    const run = await existing(store, input.id);
    return entriesOf(store, await store.models.ofRun(run.id));
  }),

  /** All that is known of a model: where it came from, what it is made of, and every figure of it. */
  get: procedure.input(z.object({ artifact: checksumBeginning })).query(async ({ ctx: { store }, input }) => {
    const records = await store.models.ofArtifact(await completed(store, input.artifact));
    const [first] = records;
    if (!first) throw notFound(`There is no model ${input.artifact.slice(0, 12)} in this store.`);
    const [parents, children, step, inspection] = await Promise.all([
      store.models.ofSteps(first.parents),
      store.models.childrenOf(first.step),
      store.steps.find(first.step),
      inspectionOf(store, first.artifact),
    ]);
    const runs = [];
    for (const id of [...new Set(records.map((record) => record.runId))].slice(-RUNS_SHOWN).reverse()) {
      const run = await store.runs.find(id);
      const cells = await store.cells.ofRun(id);
      const most = possibleErrors(cells);
      const own = records.filter((record) => record.runId === id);
      if (!run) continue;
      const groups = new Map<string, typeof cells>();
      for (const cell of cells) {
        if (!own.some((record) => record.label === cell.model && record.seed === cell.seed)) continue;
        const key = JSON.stringify([cell.attack, cell.mode, cell.metric]);
        groups.set(key, [...(groups.get(key) ?? []), cell]);
      }
      runs.push({
        id,
        name: run.name,
        dataset: run.dataset,
        labels: [...new Set(own.map((record) => record.label))],
        certificates: (await store.certificates.ofRun(id)).filter(({ model, seed }) =>
          own.some((record) => record.label === model && record.seed === seed),
        ),
        figures: [...groups.values()].map((group) => {
          const { attack, mode, metric, unit, model } = group[0]!;
          return { attack, mode, metric, unit, model, ...(figureOf(group, run.published, most) as MatrixFigure) };
        }),
      });
    }
    const origin = await broughtOrigin(store, parents);
    const file = step?.artifacts.find((artifact) => artifact.checksum === first.artifact);
    return {
      ...first,
      bytes: file?.bytes,
      madeBy: step && { label: step.label, kind: step.kind, seconds: step.seconds },
      parents: family(parents, first.artifact),
      children: family(children, first.artifact),
      runs,
      inspection,
      /** The file that somebody brought from which it was made in the end, and its own file in that one's form. */
      broughtAs: origin?.label,
      hardened: origin && (await hardenedFileOf(store, first.artifact)),
      tags: (await store.models.tags([first.artifact])).get(first.artifact) ?? [],
    };
  }),

  tag: procedure
    .input(z.object({ artifact: checksum, tags: z.array(tag).max(20) }))
    .mutation(async ({ ctx: { store }, input }) => {
      await store.models.tag((await existingModel(store, input.artifact)).artifact, input.tags);
    }),

  /** Asks the trainer's process to write a hardened model back into the file that it was made from. */
  writeBack: procedure.input(z.object({ artifact: checksum })).mutation(async ({ ctx: { store }, input }) => {
    const { artifact, runId: run } = await existingModel(store, input.artifact);
    const pending = await store.jobs.pending();
    const same = pending.find((job) => job.kind === 'hardened' && asked(job.request) === artifact);
    return { job: same?.id ?? (await store.jobs.add('hardened', { run, artifact })) };
  }),

  /** Asks the trainer's process to look into a model file. */
  inspect: procedure.input(z.object({ artifact: checksum })).mutation(async ({ ctx: { store }, input }) => {
    await uploaded(store, input.artifact);
    const pending = await store.jobs.pending();
    const same = pending.find((job) => job.kind === 'inspect' && asked(job.request) === input.artifact);
    return { job: same?.id ?? (await store.jobs.add('inspect', { artifact: input.artifact })) };
  }),
});

/**
 * A model of some run by its checksum.
 * @throws TRPCError NOT_FOUND
 */
export async function existingModel(store: Store, artifact: string): Promise<ModelRecord> {
  const [model] = await store.models.ofArtifact(artifact);
  if (!model) throw notFound(`There is no model ${artifact.slice(0, 12)} in this store.`);
  return model;
}

const hardenedFile = z.object({ file: checksum, note: z.string().optional() });

/** A hardened model's file in the form of the file that it was made from; undefined where none is written. */
export async function hardenedFileOf(
  store: Store,
  artifact: string,
): Promise<z.output<typeof hardenedFile> | undefined> {
  const found = hardenedFile.safeParse(await store.documents.get(hardenedKey(artifact))).data;
  const fault = found && (await store.artifacts.fault({ checksum: found.file, extension: 'onnx' }));
  // What no run refers to is removed in time, and can be written again.
  return fault === undefined ? found : undefined;
}

/** The model of a file that somebody brought among those that a model was made from, or these from. */
async function broughtOrigin(store: Store, parents: readonly ModelRecord[]): Promise<ModelRecord | undefined> {
  if (parents.length === 0) return undefined;
  const brought = parents.find(({ engine }) => engine === BROUGHT);
  return brought ?? broughtOrigin(store, await store.models.ofSteps(parents.flatMap((one) => one.parents)));
}

/** The engine of a model that no engine has made. */
const BROUGHT = 'none';

/** The checksum that begins so; the beginning itself where none does, or more than one. */
async function completed(store: Store, beginning: string): Promise<string> {
  if (checksum.safeParse(beginning).success) return beginning;
  const [artifact, ...others] = await store.models.beginningWith(beginning);
  return artifact === undefined || others.length > 0 ? beginning : artifact;
}

function asked(request: unknown): unknown {
  return (request as { artifact?: unknown } | null)?.artifact;
}

function family(records: readonly ModelRecord[], self: string) {
  const seen = new Set([self]);
  return records.flatMap(({ artifact, label, seed }) => {
    if (seen.has(artifact)) return [];
    seen.add(artifact);
    return [{ artifact, label, seed }];
  });
}

/** Models as a list shows them. */
async function entriesOf(store: Store, models: readonly ModelRecord[]) {
  const runs = [...new Set(models.map((model) => model.runId))];
  const [cells, summaries, tags] = await Promise.all([
    store.cells.ofRuns(runs, { metric: 'error-rate', mode: 'clean' }),
    Promise.all(runs.map((id) => store.runs.find(id))),
    store.models.tags([...new Set(models.map(({ artifact }) => artifact))]),
  ]);
  return models.map((model) => {
    const cell = cells.find((one) => one.runId === model.runId && one.model === model.label && one.seed === model.seed);
    const run = summaries.find((one) => one?.id === model.runId);
    return {
      ...model,
      cleanError: cell && { value: cell.value, low: cell.low, high: cell.high },
      dataset: run?.dataset,
      tags: tags.get(model.artifact) ?? [],
    };
  });
}
