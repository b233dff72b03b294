import { RampartError } from '@rampart/core';
import {
  doubtfulFigures,
  failedSteps,
  failedStepsOf,
  failuresOf,
  judgeClaims,
  madeWithOf,
  missingCells,
  overSeedsOf,
  peculiaritiesOf,
  readBeyond,
  readFindings,
  readStandings,
  type ReportTable,
  type SharedFinding,
  type StandingTable,
} from '@rampart/reports';
import { type RunSummary, SHELVES, type Store } from '@rampart/results';
import { tracked } from '@trpc/server';
import { z } from 'zod';

import { type BestStanding, bestStanding, rankedAmong } from './best-standing';
import { cellDetails } from './cell-details';
import { attackedMode, label, metricName, runId, runName, tag } from './inputs';
import { arrangeMatrix } from './matrix';
import { runProgress } from './run-progress';
import { notFound, procedure, router } from './trpc';

/** How often another process's events are looked for, where nobody tells of them. */
const POLL_MS = 400;
/** Events that the page of a run begins with. */
const LOG_LENGTH = 200;
/** More than the longest of runs has, so that an answer has an end. */
const MOST_EVENTS = 10_000;

export const runsRouter = router({
  /**
   * A page of the list of runs: with how the best defense stands, and those that are running with how far they are. By
   * robust accuracy, runs are ranked among their like: see `among`.
   */
  list: procedure
    .input(
      z.object({
        search: z.string().max(200).optional(),
        state: z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted']).optional(),
        dataset: z.string().max(300).optional(),
        tag: z.string().max(60).optional(),
        shelf: z.enum(SHELVES).default('listed'),
        order: z.enum(['started', 'name', 'dataset', 'duration', 'robust-accuracy']).default('started'),
        descending: z.boolean().default(true),
        page: z.int().min(1).max(100_000).default(1),
        perPage: z.int().min(1).max(200).default(50),
      }),
    )
    .query(async ({ ctx: { store }, input: { page, perPage, shelf, ...query } }) => {
      const { runs, total } = await store.runs.list({
        ...defined(query),
        shelves: [shelf],
        limit: perPage,
        offset: (page - 1) * perPage,
      });
      const entries = await entriesOf(store, runs);
      return {
        runs: entries,
        total,
        pages: Math.max(1, Math.ceil(total / perPage)),
        facets: await store.runs.facets(),
      };
    }),

  /** One run: its plan, how far it is, and what happened last. */
  get: procedure.input(z.object({ id: runId })).query(async ({ ctx: { store }, input }) => {
    const run = await existing(store, input.id);
    const [steps, log, progress, job] = await Promise.all([
      store.runSteps.ofRun(run.id),
      store.events.latest(run.id, LOG_LENGTH),
      runProgress(store, run),
      store.jobs.ofRun(run.id),
    ]);
    const pending = await store.jobs.pending();
    /** What goes on with the run, where that is asked for already. */
    const goingOn = pending.find((one) => one.kind === 'run' && isRequestFor(one.request, run.id));
    return {
      run,
      steps,
      log,
      progress,
      failures: failuresOf(run, steps),
      job: job && { id: job.id, state: job.state, error: job.error },
      goingOn: goingOn?.id,
    };
  }),

  /** All that has happened in a run, oldest first. How far a step is, is no event of its log. */
  log: procedure.input(z.object({ id: runId })).query(async ({ ctx: { store }, input }) => {
    const run = await existing(store, input.id);
    const events = await store.events.latest(run.id, MOST_EVENTS);
    return events.filter(({ event }) => event.type !== 'step-progress');
  }),

  /** How the models stand up to attacks, over the instances that could be attacked: what a run comes to. */
  standings: procedure
    .input(z.object({ id: runId }))
    .query(async ({ ctx: { store }, input }): Promise<StandingTable[]> => {
      const run = await existing(store, input.id);
      return readStandings(store, run);
    }),

  /** What makes the run's figures doubtful, once where several seeds agree, the gravest first. */
  findings: procedure
    .input(z.object({ id: runId }))
    .query(async ({ ctx: { store }, input }): Promise<readonly SharedFinding[]> => {
      const run = await existing(store, input.id);
      return overSeedsOf(await readFindings(store, run.id));
    }),

  /** Models against attacks, static and adaptive, the publication's figures beside, and its claims judged. */
  matrix: procedure
    .input(z.object({ id: runId, metric: metricName.default('error-rate') }))
    .query(async ({ ctx: { store }, input }) => {
      const run = await existing(store, input.id);
      const [cells, steps, models, recall, findings] = await Promise.all([
        store.cells.ofRun(run.id),
        store.runSteps.ofRun(run.id),
        store.models.ofRun(run.id),
        run.published ? store.curves.ofRun(run.id, 'recall-epsilon') : [],
        readFindings(store, run.id),
      ]);
      const peculiarities = peculiaritiesOf(models);
      const missing = missingCells(run, steps, cells);
      return {
        metrics: [...new Set(cells.map((cell) => cell.metric))],
        seeds: [...new Set(cells.map((cell) => cell.seed))],
        static: arrangeMatrix(cells, 'static', input.metric, run, peculiarities, missing),
        adaptive: arrangeMatrix(cells, 'adaptive', input.metric, run, peculiarities, missing),
        /** Figures under attack that a serious finding is about. */
        doubtful: doubtfulFigures(
          cells.filter(({ mode }) => mode !== 'clean'),
          findings,
        ),
        claims: run.published ? judgeClaims(run.published, cells, recall, findings) : [],
      };
    }),

  /** What naive attacks would have claimed, defenses against what they were not trained for, and transferability. */
  beyond: procedure
    .input(z.object({ id: runId }))
    .query(async ({ ctx: { store }, input }): Promise<readonly ReportTable[]> =>
      readBeyond(store, await existing(store, input.id)),
    ),

  /** Versions of the components that made the run's results. */
  madeWith: procedure.input(z.object({ id: runId })).query(async ({ ctx: { store }, input }) => {
    const run = await existing(store, input.id);
    return madeWithOf(store, run.id, await store.cells.ofRun(run.id, { metric: 'error-rate' }));
  }),

  /** Everything behind one cell. */
  cell: procedure
    .input(z.object({ id: runId, model: label, attack: label, mode: z.enum(['clean', ...attackedMode.options]) }))
    .query(async ({ ctx: { store }, input: { id, ...cell } }) => {
      const run = await existing(store, id);
      const details = await cellDetails(store, run, cell);
      if (!details)
        throw notFound(`The run ${run.id} has no figures of ${cell.model} under ${cell.attack} (${cell.mode}).`);
      return details;
    }),

  /**
   * What happens in a run, as it happens, from the event after `lastEventId` on. Ends with the run. The events come
   * from the store, since the run is another process's.
   */
  events: procedure
    .input(z.object({ id: runId, lastEventId: z.coerce.number().int().min(0).optional() }))
    .subscription(async function* ({ ctx: { store }, input, signal }) {
      let last = input.lastEventId ?? 0;
      let state = '';
      while (!signal?.aborted) {
        const run = await existing(store, input.id);
        const events = await store.events.after(run.id, last);
        last = events.at(-1)?.id ?? last;
        if (events.length > 0 || state !== run.state) {
          state = run.state;
          const progress = await runProgress(store, run);
          yield tracked(String(last), { run: withoutText(run), progress, events });
        }
        // A run may write its last event after its last state: look once more before the end.
        if (run.state !== 'running' && events.length === 0) return;
        await store.events.next(run.id, POLL_MS, signal);
      }
    }),

  /** The list's live part: the runs that are running now, whenever something about them changes. */
  running: procedure.subscription(async function* ({ ctx: { store }, signal }) {
    let last = '';
    for (let turn = 0; !signal?.aborted; turn++) {
      const { runs } = await store.runs.list({ state: 'running', limit: 50 });
      const entries = await entriesOf(store, runs);
      const text = JSON.stringify(entries);
      if (text !== last) yield tracked(String(turn), entries);
      last = text;
      await store.events.next('', POLL_MS * 2, signal);
    }
  }),

  rename: procedure
    .input(z.object({ id: runId, name: runName }))
    .mutation(({ ctx: { store }, input }) => store.runs.rename(input.id, input.name)),

  tag: procedure
    .input(z.object({ id: runId, tags: z.array(tag).max(20) }))
    .mutation(({ ctx: { store }, input }) => store.runs.tag(input.id, input.tags)),

  /** Asks the process of a run to stop; it does so within seconds, and what is finished stays. */
  cancel: procedure
    .input(z.object({ id: runId }))
    .mutation(({ ctx: { store }, input }) => store.runs.requestCancel(input.id)),

  /**
   * Asks the trainer's process to go on with a run that has stopped; what it finished is not done again. With an attack
   * only what keeps that from having its figures is tried again, of all that failed.
   */
  resume: procedure
    .input(z.object({ id: runId, attack: label.optional() }))
    .mutation(async ({ ctx: { store }, input: { id, attack } }) => {
      const run = await existing(store, id);
      if (run.state === 'running' || run.state === 'done') {
        throw new RampartError({
          code: 'usage',
          message: `The run ${run.id} is ${run.state === 'done' ? 'done: there is nothing left to do' : 'running'}.`,
        });
      }
      const leave = attack === undefined ? undefined : await leftBeside(store, run, attack);
      const pending = await store.jobs.pending();
      const same = pending.find(
        (one) => one.kind === 'run' && (isRequestFor(one.request, run.id) || one.runId === run.id),
      );
      const { experiment, engine, seeds } = run;
      const request = { experiment, engine, seeds, goesOnWith: run.id, ...(leave && { leave }) };
      return { job: same?.id ?? (await store.jobs.add('run', request)) };
    }),

  /** Puts a run out of the way of lists and rankings, or back. */
  archive: procedure
    .input(z.object({ id: runId, archived: z.boolean() }))
    .mutation(({ ctx: { store }, input }) => store.runs.archive(input.id, input.archived)),

  /** Takes a run away; it can be restored for a week. */
  delete: procedure.input(z.object({ id: runId })).mutation(async ({ ctx: { store }, input }) => {
    await store.runs.delete(input.id);
    // The run is deleted, whatever becomes of those that were deleted a week ago.
    await store.runs.collect().catch(() => undefined);
  }),

  restore: procedure.input(z.object({ id: runId })).mutation(async ({ ctx: { store }, input }) => {
    await store.runs.restore(input.id);
  }),
});

/**
 * A run by its identity, an unambiguous beginning of it, `latest`, or the beginning of the six digits at its end, which
 * is what pages call it.
 * @throws TRPCError NOT_FOUND
 */
export async function existing(store: Store, id: string): Promise<RunSummary> {
  const run = (await store.runs.find(id)) ?? (await calledShort(store, id));
  if (!run) throw notFound(`There is no run "${id}" in this store.`);
  return run;
}

async function calledShort(store: Store, digits: string): Promise<RunSummary | undefined> {
  if (!/^[0-9a-f]{4,6}$/.test(digits)) return undefined;
  const { runs } = await store.runs.list({ search: digits });
  const [run, ...others] = runs.filter(({ id }) => id.slice(id.lastIndexOf('-') + 1).startsWith(digits));
  return others.length === 0 ? run : undefined;
}

/** What failed and is not tried again where one attack is: steps by label, with the reason of each. */
async function leftBeside(store: Store, run: RunSummary, attack: string): Promise<[label: string, reason: string][]> {
  const steps = await store.runSteps.ofRun(run.id);
  const tried = failedStepsOf(attack, run, steps);
  if (tried.size === 0) {
    throw new RampartError({
      code: 'usage',
      message: `Nothing of the attack "${attack}" has failed in run ${run.id}.`,
    });
  }
  return [...failedSteps(run, steps)].filter(([step]) => !tried.has(step));
}

/** Whether a job was asked for to go on with this run. */
function isRequestFor(request: unknown, run: string): boolean {
  return (request as { goesOnWith?: unknown } | null)?.goesOnWith === run;
}

/** Runs as a list shows them. */
async function entriesOf(store: Store, runs: readonly RunSummary[]) {
  const records = await store.standings.ofRuns(runs.map(({ id }) => id));
  const entries = [];
  let above: { readonly among: string; readonly best: BestStanding } | undefined;
  for (const run of runs) {
    const best = bestStanding(records.filter(({ runId }) => runId === run.id));
    const among = best && rankedAmong(run.dataset, best);
    const tied = above !== undefined && best !== undefined && above.among === among && overlap(above.best, best);
    above = best && among !== undefined ? { among, best } : undefined;
    entries.push({
      ...withoutText(run),
      best,
      /** Runs of another are not compared with it. */
      among,
      /** Whether the run above it, of the same, is within noise: their intervals overlap, as runs need not share models. */
      tied,
      progress: await runProgress(store, run),
    });
  }
  return entries;
}

function overlap(a: BestStanding, b: BestStanding): boolean {
  return a.robustAccuracy.low <= b.robustAccuracy.high && b.robustAccuracy.low <= a.robustAccuracy.high;
}

/** Without the experiment's text, which lists have no use for. */
function withoutText({ experiment: _experiment, ...run }: RunSummary): Omit<RunSummary, 'experiment'> {
  return run;
}

/** Without the fields that are not given. */
function defined<T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as never;
}
