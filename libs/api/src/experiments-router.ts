import { messageOf, RampartError } from '@rampart/core';
import { parse } from 'yaml';
import { z } from 'zod';

import { runId } from './inputs';
import { existing } from './runs-router';
import { notFound, procedure, router } from './trpc';

const text = z.string().min(1).max(20_000);

/** What the trainer's process finds out about the text of an experiment. */
const checked = z.union([
  z.object({ problem: z.string() }),
  z.object({
    name: z.string(),
    dataset: z.string(),
    models: z.array(z.string()),
    defenses: z.array(z.string()),
    attacks: z.array(z.string()),
    threats: z.array(z.string()),
    seeds: z.array(z.number()),
  }),
]);

export type CheckedExperiment = z.output<typeof checked>;

/** Presets that a page may start. */
const PRESETS = ['quickstart'] as const;

/** Experiments that are written on a page. */
export const experimentsRouter = router({
  /** The text of a run's experiment, to begin another with. */
  ofRun: procedure.input(z.object({ id: runId })).query(async ({ ctx: { store }, input }) => {
    const { name, experiment } = await existing(store, input.id);
    return { name, experiment };
  }),

  /** Asks the trainer's process to read an experiment; nothing is fetched and nothing is run. */
  check: procedure.input(z.object({ text })).mutation(async ({ ctx: { store }, input }) => {
    const problem = problemOf(input.text);
    if (problem !== undefined) return { problem };
    return { job: await store.jobs.add('check', { experiment: input.text }) };
  }),

  /** What came of it: null while it is not known. */
  checked: procedure
    .input(z.object({ job: z.int().positive() }))
    .query(async ({ ctx: { store }, input }): Promise<CheckedExperiment | null> => {
      const job = await store.jobs.find(input.job);
      if (job?.kind !== 'check') throw notFound(`There is no check ${input.job}.`);
      if (job.error !== undefined) return { problem: job.error };
      return checked.safeParse(job.result).data ?? null;
    }),

  /** Asks the trainer's process to run an experiment. */
  start: procedure.input(z.object({ text })).mutation(async ({ ctx: { store }, input }) => {
    const problem = problemOf(input.text);
    if (problem !== undefined) throw new RampartError({ code: 'usage', message: problem });
    return { job: await store.jobs.add('run', { experiment: input.text }) };
  }),

  /** Asks it to run one that comes with Rampart. */
  startPreset: procedure.input(z.object({ preset: z.enum(PRESETS) })).mutation(async ({ ctx: { store }, input }) => {
    const pending = await store.jobs.pending();
    const same = pending.find(({ request }) => (request as { preset?: unknown } | null)?.preset === input.preset);
    return { job: same?.id ?? (await store.jobs.add('run', { preset: input.preset })) };
  }),
});

/**
 * Why a text is none that a page may ask for. Plugins are code of this machine, and a list names files of it: whoever
 * writes on a page does not choose what the server loads.
 */
function problemOf(written: string): string | undefined {
  let value: unknown;
  try {
    value = parse(written);
  } catch (error) {
    return `This is no valid YAML: ${messageOf(error).split('\n')[0]}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'Expected the fields of an experiment, such as "name: mine"; this is none of them.';
  }
  const refused = ['plugins', 'experiments'].find((field) => field in value);
  if (refused === undefined) return undefined;
  return `The field "${refused}" names files of the server, which a page may not. Run this one from a terminal: rampart run FILE.`;
}
