import { randomBytes } from 'node:crypto';

import { RampartError } from '@rampart/core';
import { type ExpressionBuilder, type Kysely, type RawBuilder, sql, type SqlBool } from 'kysely';

import type { ArtifactStore } from './artifact-store';
import { CHECKPOINTED } from './checkpoint-store';
import { FIGURE_TABLES, figuresDigest } from './digest';
import { fromJson } from './from-json';
import { keyOf } from './note-store';
import { isGone, processOwner } from './process-owner';
import type { RunRecord, RunState } from './records';
import { escapeLike, matches } from './run-search';
import type { Row, StoreSchema } from './schema';
import { RANKED } from './standing-store';
import { transact } from './transact';

/** What a run starts with; the store adds identity, state and times. */
export interface NewRun extends Pick<
  RunRecord,
  'name' | 'planKey' | 'experiment' | 'dataset' | 'published' | 'engine' | 'seeds' | 'stepsTotal'
> {
  readonly tags?: readonly string[];
  readonly notes?: readonly string[];
  readonly images?: RunRecord['images'];
}

/** What changes about a run while it goes on. */
export type RunPatch = Partial<
  Pick<
    RunRecord,
    'name' | 'dataset' | 'published' | 'engine' | 'stepsTotal' | 'stepsDone' | 'finishedAt' | 'error' | 'tags' | 'notes'
  > & { readonly state: Exclude<RunState, 'interrupted'> }
>;

/** A run in a list, with what its cells say at a glance. */
export interface RunSummary extends RunRecord {
  readonly models: readonly string[];
  readonly cancelRequested: boolean;
}

/** Where runs are: in lists, out of the way, or deleted and still to be had back. */
export const SHELVES = ['listed', 'archived', 'deleted'] as const;

export type Shelf = (typeof SHELVES)[number];

/**
 * `robust-accuracy`: how much the best defense withstands, each run among those of its dataset, threat and attacks: of
 * others the figures are not of the same thing.
 */
export type RunOrder = 'started' | 'name' | 'dataset' | 'duration' | 'robust-accuracy';

export interface RunQuery {
  /** Words that it must have, as `searchTerms` reads them. */
  readonly search?: string;
  readonly state?: RunState;
  readonly dataset?: string;
  readonly tag?: string;
  /** Those of these. Default: those that are in lists. */
  readonly shelves?: readonly Shelf[];
  readonly order?: RunOrder;
  readonly descending?: boolean;
  readonly limit?: number;
  readonly offset?: number;
}

/** A running run without a sign of life for this long is interrupted. */
export const HEARTBEAT_LIMIT_MS = 15_000;

/** A deleted run can be had back for so long: a week. */
export const RESTORABLE_MS = 7 * 24 * 3_600_000;

/** Executions of experiments. */
export class RunStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly artifacts: ArtifactStore,
    private readonly now: () => number,
    /** Tells the process of a run at once that something is wanted of it. */
    private readonly tell?: (id: string) => Promise<void>,
  ) {}

  async create(run: NewRun): Promise<RunRecord> {
    const now = this.now();
    const id = runId(now);
    await this.db
      .insertInto('runs')
      .values({
        id,
        name: run.name,
        plan_key: run.planKey,
        owner: processOwner(),
        experiment: run.experiment,
        dataset: run.dataset,
        published: run.published ?? null,
        engine: run.engine,
        seeds: JSON.stringify(run.seeds),
        state: 'running',
        steps_total: run.stepsTotal,
        steps_done: 0,
        started_at: now,
        heartbeat_at: now,
        tags: JSON.stringify(run.tags ?? []),
        notes: JSON.stringify(run.notes ?? []),
        images: run.images === undefined ? null : JSON.stringify(run.images),
      })
      // Where the answer to the same statement was lost.
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    return (await this.byId(id))!;
  }

  /**
   * Takes the newest run of a plan over that was cancelled, failed or whose process is gone, and sets it running.
   * Undefined when there is none; of two processes that ask at once, one gets it.
   */
  async resume(planKey: string): Promise<RunRecord | undefined> {
    const rows = await this.db
      .selectFrom('runs')
      .selectAll()
      .where('plan_key', '=', planKey)
      .where('state', '!=', 'done')
      .where('deleted_at', 'is', null)
      .orderBy('started_at', 'desc')
      .execute();
    for (const row of rows) {
      if (this.summary(row).state === 'running') continue;
      const { numUpdatedRows } = await this.db
        .updateTable('runs')
        .set({
          state: 'running',
          owner: processOwner(),
          heartbeat_at: this.now(),
          cancel_requested: 0,
          finished_at: null,
          error: null,
          steps_done: 0,
          seconds_left: null,
          figures_digest: null,
        })
        .where(asItWas(row))
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return this.byId(row.id);
    }
    return undefined;
  }

  /** @throws RampartError `store` when there is no such run */
  async update(id: string, patch: RunPatch): Promise<void> {
    const row = {
      ...(patch.name !== undefined && { name: patch.name }),
      ...(patch.dataset !== undefined && { dataset: patch.dataset }),
      ...('published' in patch && { published: patch.published ?? null }),
      ...(patch.engine !== undefined && { engine: patch.engine }),
      ...(patch.state !== undefined && { state: patch.state }),
      ...(patch.stepsTotal !== undefined && { steps_total: patch.stepsTotal }),
      ...(patch.stepsDone !== undefined && { steps_done: patch.stepsDone }),
      ...('finishedAt' in patch && { finished_at: patch.finishedAt ?? null }),
      ...('error' in patch && { error: patch.error ?? null }),
      ...(patch.tags !== undefined && { tags: JSON.stringify(patch.tags) }),
      ...(patch.notes !== undefined && { notes: JSON.stringify(patch.notes) }),
      ...(patch.state === 'running' && { heartbeat_at: this.now(), cancel_requested: 0 }),
    };
    if (Object.keys(row).length === 0) return;
    const { numUpdatedRows } = await this.db.updateTable('runs').set(row).where('id', '=', id).executeTakeFirst();
    if (numUpdatedRows === 0n) throw await this.unknown(id);
  }

  /** Notes what a run that has ended consists of, so that damage to it is seen. */
  async seal(id: string): Promise<void> {
    const digest = await figuresDigest(this.db, id);
    await this.db.updateTable('runs').set({ figures_digest: digest }).where('id', '=', id).execute();
  }

  /** Takes the figures of a run away, which then counts as failed: whoever goes on with it writes them anew. */
  async reopen(id: string, reason: string): Promise<void> {
    await transact(this.db, async (transaction) => {
      for (const table of FIGURE_TABLES) await transaction.deleteFrom(table).where('run_id', '=', id).execute();
      await transaction
        .updateTable('runs')
        .set({ state: 'failed', error: reason, figures_digest: null })
        .where('id', '=', id)
        .execute();
    });
  }

  /**
   * The sign of life of a running run. Answers whether somebody asked for it to be cancelled.
   * @param secondsLeft how long it takes still, where its process can tell
   */
  async heartbeat(id: string, secondsLeft?: number): Promise<{ readonly cancelRequested: boolean }> {
    const row = await this.db
      .updateTable('runs')
      .set({ heartbeat_at: this.now(), seconds_left: secondsLeft ?? null })
      .where('id', '=', id)
      .returning(['cancel_requested', 'deleted_at'])
      .executeTakeFirst();
    // A run that was deleted meanwhile is to stop as well.
    return { cancelRequested: row === undefined || row.cancel_requested === 1 || row.deleted_at !== null };
  }

  /** Asks the process of a running run to stop; a run whose process is gone is cancelled here and now. */
  async requestCancel(id: string): Promise<void> {
    const run = await this.byId(id);
    if (!run) throw await this.unknown(id);
    if (run.state !== 'running' && run.state !== 'interrupted') return;
    await this.db.updateTable('runs').set({ cancel_requested: 1 }).where('id', '=', id).execute();
    await this.tell?.(id);
    if (run.state === 'interrupted') await this.update(id, { state: 'cancelled', finishedAt: this.now() });
  }

  /**
   * @param id an identity, its unambiguous beginning or that of its last six digits, or `latest`
   * @param deleted looks among the deleted runs, and among no others
   * @throws RampartError `usage` when the beginning is ambiguous
   */
  async find(id: string, { deleted = false }: { readonly deleted?: boolean } = {}): Promise<RunSummary | undefined> {
    const among = () =>
      this.db
        .selectFrom('runs')
        .selectAll()
        .where('deleted_at', deleted ? 'is not' : 'is', null);
    if (id === 'latest') {
      const latest = await among().orderBy('started_at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst();
      return latest && this.summary(latest);
    }
    const exact = await among().where('id', '=', id).executeTakeFirst();
    if (exact || id === '') return exact && this.summary(exact);
    const begin = among().where('id', '>=', id).where('id', '<', `${id}\uffff`);
    let rows = await begin.orderBy('id').limit(2).execute();
    if (rows.length === 0 && /^[0-9a-f]{3,6}$/.test(id)) {
      const random = among().where('id', 'like', `%-%-${id}%`);
      rows = await random.orderBy('id').limit(2).execute();
    }
    if (rows.length > 1) {
      throw new RampartError({
        code: 'usage',
        message: `"${id}" is the beginning of more than one run: ${rows.map((row) => row.id).join(', ')}, ... Write more of it.`,
      });
    }
    return rows[0] && this.summary(rows[0]);
  }

  /** The first finished run of a plan, of which every later one is a repetition. */
  async firstOfPlan(planKey: string): Promise<RunSummary | undefined> {
    const done = this.db.selectFrom('runs').selectAll().where('plan_key', '=', planKey).where('state', '=', 'done');
    const kept = done.where('deleted_at', 'is', null);
    const row = await kept.orderBy('started_at').orderBy('id').limit(1).executeTakeFirst();
    return row && this.summary(row);
  }

  /** @throws RampartError `usage` when there is no such run */
  async get(id: string): Promise<RunSummary> {
    const run = await this.find(id);
    if (!run) throw await this.unknown(id);
    return run;
  }

  async list(query: RunQuery = {}): Promise<{ readonly runs: readonly RunSummary[]; readonly total: number }> {
    const { select: filtered } = await this.filtered(query);
    const { total } = await filtered.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    const direction = (query.descending ?? (query.order ?? 'started') === 'started') ? 'desc' : 'asc';
    const now = this.now();
    const order = {
      started: sql`started_at`,
      name: sql`lower(name)`,
      dataset: sql`lower(dataset)`,
      duration: sql`coalesce(finished_at, case when state = 'running' then ${now} else heartbeat_at end) - started_at`,
      'robust-accuracy': sql`robust_accuracy`,
    }[query.order ?? 'started'];
    // Runs without a figure come last, whichever way the others are sorted.
    const sorted =
      query.order === 'robust-accuracy'
        ? filtered
            .leftJoin(RANKED.as('best'), 'ranked_run', 'runs.id')
            .orderBy(sql`robust_accuracy is null`)
            .orderBy(sql`lower(dataset)`)
            .orderBy('among')
        : filtered;
    const rows = await sorted
      .selectAll('runs')
      .orderBy(order, (by) => (direction === 'asc' ? by.asc() : by.desc()).nullsLast())
      .orderBy('id', direction)
      .limit(query.limit ?? 100)
      .offset(query.offset ?? 0)
      .execute();
    return { runs: rows.map((row) => this.summary(row)), total };
  }

  /** What there is to filter by. */
  async facets(): Promise<{ readonly datasets: readonly string[]; readonly tags: readonly string[] }> {
    const kept = this.db.selectFrom('runs').where('deleted_at', 'is', null);
    const datasets = await kept.select('dataset').distinct().orderBy('dataset').execute();
    const tags = await kept.select('tags').distinct().where('tags', '!=', '[]').execute();
    return {
      datasets: datasets.map((row) => row.dataset),
      tags: [...new Set(tags.flatMap((row) => fromJson<string[]>(row.tags, 'runs.tags')))].sort(),
    };
  }

  async rename(id: string, name: string): Promise<void> {
    await this.update(id, { name });
  }

  async tag(id: string, tags: readonly string[]): Promise<void> {
    await this.update(id, { tags: [...new Set(tags)].sort() });
  }

  /** Puts a run out of the way of lists and rankings, or back. */
  async archive(id: string, archived: boolean): Promise<void> {
    await this.setTime(id, 'archived_at', archived);
  }

  /**
   * Takes a run away from everywhere. It can be had back until `collect` comes across it.
   * @throws RampartError `usage` when it is running
   */
  async delete(id: string): Promise<void> {
    await this.deletable(id);
    await this.setTime(id, 'deleted_at', true);
  }

  /**
   * Brings a deleted run back to where it was.
   * @param id as `find` takes it
   * @throws RampartError `usage` when there is no such deleted run
   */
  async restore(id: string): Promise<RunSummary> {
    const run = await this.find(id, { deleted: true });
    if (!run) {
      throw new RampartError({
        code: 'usage',
        message: `There is no deleted run "${id}". A deleted run can be restored for ${RESTORABLE_MS / 86_400_000} days.`,
      });
    }
    await this.setTime(run.id, 'deleted_at', false);
    return { ...run, deletedAt: undefined };
  }

  /**
   * Removes deleted runs for good.
   * @param age milliseconds since they were deleted
   * @returns their identities
   */
  async collect(age = RESTORABLE_MS): Promise<string[]> {
    const rows = await this.db
      .selectFrom('runs')
      .selectAll()
      .where('deleted_at', '<=', this.now() - age)
      .orderBy('id')
      .execute();
    const removed: string[] = [];
    for (const row of rows) {
      if (this.summary(row).state !== 'running' && (await this.erase(row))) removed.push(row.id);
    }
    return removed;
  }

  /**
   * Removes a run for good, with its figures and notes, and the steps and files that no other run has.
   * @throws RampartError `usage` when it is running
   */
  async remove(id: string): Promise<void> {
    let row: Row<'runs'> | undefined = await this.deletable(id);
    // Somebody else may take it in hand meanwhile.
    while (row && !(await this.erase(row))) row = (await this.row(id)) && (await this.deletable(id));
  }

  /** False, and nothing is removed, where the run was restored or taken up since the row was read. */
  private async erase(row: Row<'runs'>): Promise<boolean> {
    const { id } = row;
    const found = await transact(this.db, async (transaction) => {
      // Whoever asks for the run from here on comes too late.
      const held = await transaction
        .updateTable('runs')
        .set({ deleted_at: this.now() })
        .where(asItWas(row))
        .where('deleted_at', row.deleted_at === null ? 'is' : '=', row.deleted_at)
        .executeTakeFirst();
      if (held.numUpdatedRows === 0n) return undefined;
      const owned = transaction
        .selectFrom('run_steps')
        .select('key')
        .where('run_id', '=', id)
        .where('key', 'not in', transaction.selectFrom('run_steps').select('key').where('run_id', '!=', id));
      const begun = await owned.where('kind', 'in', CHECKPOINTED).execute();
      const steps = await transaction.selectFrom('steps').select('id').where('key', 'in', owned).execute();
      const ids = steps.map((step) => step.id);
      const files =
        ids.length === 0
          ? []
          : await transaction
              .selectFrom('step_artifacts')
              .select(['checksum', 'extension'])
              .distinct()
              .where('step_id', 'in', ids)
              .where(
                'checksum',
                'not in',
                transaction.selectFrom('step_artifacts').select('checksum').where('step_id', 'not in', ids),
              )
              .execute();
      if (ids.length > 0) await transaction.deleteFrom('steps').where('id', 'in', ids).execute();
      await transaction
        .deleteFrom('notes')
        .where('subject', '=', keyOf({ run: id }))
        .execute();
      await transaction.deleteFrom('runs').where('id', '=', id).execute();
      return { orphans: files, begun };
    });
    if (!found) return false;
    await this.artifacts.collect(found.orphans, this.now());
    for (const { key } of found.begun) await this.artifacts.checkpoints.remove(key);
    return true;
  }

  /**
   * Removes checkpoints that nobody goes on from: of steps that are done, or of no run.
   * @param age milliseconds from which on one is old enough
   */
  async collectCheckpoints(age = RESTORABLE_MS): Promise<void> {
    const begun = await this.db
      .selectFrom('run_steps')
      .select('key')
      .distinct()
      .where('kind', 'in', CHECKPOINTED)
      .where('key', 'not in', this.db.selectFrom('steps').select('key'))
      .execute();
    const keys = begun.map(({ key }) => key);
    await this.artifacts.checkpoints.collect(keys, this.now() - age);
  }

  private async deletable(id: string): Promise<Row<'runs'>> {
    const row = await this.row(id);
    if (!row) throw await this.unknown(id);
    if (this.summary(row).state !== 'running') return row;
    throw new RampartError({ code: 'usage', message: `The run ${id} is running. Cancel it before deleting it.` });
  }

  private async setTime(id: string, column: 'archived_at' | 'deleted_at', set: boolean): Promise<void> {
    const { numUpdatedRows } = await this.db
      .updateTable('runs')
      .set({ [column]: set ? this.now() : null })
      .where('id', '=', id)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw await this.unknown(id);
  }

  private async filtered(query: RunQuery) {
    const shelves = query.shelves ?? ['listed'];
    let select = this.db
      .selectFrom('runs')
      .where((e) => e.or(SHELVES.filter((one) => shelves.includes(one)).map((one) => ON_SHELF[one])));
    for (const found of matches(query.search ?? '')) select = select.where(found);
    if (query.dataset) select = select.where('dataset', '=', query.dataset);
    if (query.tag) {
      select = select.where(sql<SqlBool>`tags like ${`%${escapeLike(JSON.stringify(query.tag))}%`} escape '\\'`);
    }
    if (query.state === 'running' || query.state === 'interrupted') {
      select = select.where('id', 'in', await this.runningIn(query.state));
    } else if (query.state) {
      select = select.where('state', '=', query.state);
    }
    // Wrapped, since a query is thenable as it is.
    return { select };
  }

  /** Whether a run's process is alive is not in the table alone. */
  private async runningIn(state: RunState): Promise<string[]> {
    const rows = await this.db.selectFrom('runs').selectAll().where('state', '=', 'running').execute();
    return rows.filter((row) => this.summary(row).state === state).map((row) => row.id);
  }

  private async byId(id: string): Promise<RunSummary | undefined> {
    const row = await this.row(id);
    return row && this.summary(row);
  }

  private row(id: string): Promise<Row<'runs'> | undefined> {
    return this.db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  }

  private summary(row: Row<'runs'>): RunSummary {
    const gone = row.state === 'running' && (row.heartbeat_at < this.now() - HEARTBEAT_LIMIT_MS || isGone(row.owner));
    return {
      id: row.id,
      name: row.name,
      planKey: row.plan_key,
      experiment: row.experiment,
      dataset: row.dataset,
      published: (row.published ?? undefined) as RunRecord['published'],
      engine: row.engine,
      seeds: fromJson<number[]>(row.seeds, 'runs.seeds'),
      state: gone ? 'interrupted' : (row.state as RunState),
      stepsTotal: row.steps_total,
      stepsDone: row.steps_done,
      startedAt: row.started_at,
      // An interrupted run ended when it was last heard of.
      finishedAt: row.finished_at ?? (gone ? row.heartbeat_at : undefined),
      error: row.error ?? undefined,
      tags: fromJson<string[]>(row.tags, 'runs.tags'),
      notes: fromJson<string[]>(row.notes, 'runs.notes'),
      images: row.images === null ? undefined : fromJson<RunRecord['images']>(row.images, 'runs.images'),
      models: fromJson<string[]>(row.models, 'runs.models'),
      cancelRequested: row.cancel_requested === 1,
      archivedAt: row.archived_at ?? undefined,
      deletedAt: row.deleted_at ?? undefined,
      secondsLeft: row.state === 'running' && !gone ? (row.seconds_left ?? undefined) : undefined,
    };
  }

  private async unknown(id: string): Promise<RampartError> {
    const deleted = await this.find(id, { deleted: true }).catch(() => undefined);
    if (deleted) {
      return new RampartError({
        code: 'usage',
        message: `The run ${deleted.id} was deleted. "rampart runs restore ${deleted.id}" brings it back.`,
      });
    }
    const { total, runs } = await this.list({ limit: 3 });
    const hint = total === 0 ? 'The store has no runs yet.' : `The latest are ${runs.map((run) => run.id).join(', ')}.`;
    return new RampartError({ code: 'usage', message: `There is no run "${id}". ${hint}` });
  }
}

/** The run of a row that was read, as far as nobody has taken it in hand since. */
function asItWas({ id, state, heartbeat_at, owner }: Row<'runs'>) {
  return (e: ExpressionBuilder<StoreSchema, 'runs'>) => e.and({ id, state, heartbeat_at, owner });
}

const ON_SHELF: Readonly<Record<Shelf, RawBuilder<SqlBool>>> = {
  listed: sql`(archived_at is null and deleted_at is null)`,
  archived: sql`(archived_at is not null and deleted_at is null)`,
  deleted: sql`deleted_at is not null`,
};

/** `20261122-112407-4f2a91`: the time in UTC, and six random digits. */
function runId(now: number): string {
  const [date, time] = new Date(now).toISOString().slice(0, 19).split('T');
  return `${date!.replaceAll('-', '')}-${time!.replaceAll(':', '')}-${randomBytes(3).toString('hex')}`;
}
