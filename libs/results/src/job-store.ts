import { type Kysely, sql, type SqlBool } from 'kysely';

import { isPostgres } from './dialect';
import { fromJson } from './from-json';
import { isGone } from './process-owner';
import type { JobRecord } from './records';
import type { Row, StoreSchema } from './schema';

/**
 * Work asked for in one process and done in another. A job whose worker dies is taken up by the next one.
 */
export class JobStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  /** @returns the job's number */
  async add(kind: string, request: unknown): Promise<number> {
    const { id } = await this.db
      .insertInto('jobs')
      .values({ kind, request: JSON.stringify(request), state: 'queued', expires_at: 0, created_at: this.now() })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async find(id: number): Promise<JobRecord | undefined> {
    const row = await this.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
    return row && jobRecord(row);
  }

  /** The oldest job of these kinds that nobody works at, taken for `owner` until the lease runs out. */
  async take(kinds: readonly string[], owner: string, leaseMs: number): Promise<JobRecord | undefined> {
    const now = this.now();
    const running = await this.db.selectFrom('jobs').select('owner').where('state', '=', 'running').execute();
    const dead = running.map((row) => row.owner ?? '').filter(isGone);
    // One statement, so that of many that ask at once each gets another job, on whichever database.
    const taken = await this.db
      .updateTable('jobs')
      .set({ state: 'running', owner, expires_at: now + leaseMs })
      .where('id', '=', (e) => {
        const free = e
          .selectFrom('jobs')
          .select('id')
          .where('kind', 'in', kinds)
          .where(({ and, or, eb }) =>
            or([
              eb('state', '=', 'queued'),
              and([eb('state', '=', 'running'), or([eb('expires_at', '<=', now), eb('owner', 'in', ['', ...dead])])]),
            ]),
          )
          .orderBy('id')
          .limit(1);
        return isPostgres(this.db) ? free.forUpdate().skipLocked() : free;
      })
      .returningAll()
      .executeTakeFirst();
    return taken && jobRecord(taken);
  }

  /** Extends the lease. False when the job is no longer this owner's. */
  async renew(id: number, owner: string, leaseMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('jobs')
      .set({ expires_at: this.now() + leaseMs })
      .where('id', '=', id)
      .where('owner', '=', owner)
      .where('state', '=', 'running')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Says which run a job has become, so that the page can lead there. */
  async link(id: number, runId: string): Promise<void> {
    await this.db.updateTable('jobs').set({ run_id: runId }).where('id', '=', id).execute();
  }

  async finish(id: number, result: unknown): Promise<void> {
    await this.end(id, { state: 'done', result: JSON.stringify(result ?? null) });
  }

  async fail(id: number, error: string): Promise<void> {
    await this.end(id, { state: 'failed', error });
  }

  /** The last job that this run was done for. */
  async ofRun(runId: string): Promise<JobRecord | undefined> {
    const row = await this.db
      .selectFrom('jobs')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && jobRecord(row);
  }

  /** Jobs that wait or are worked at, oldest first. */
  async pending(): Promise<JobRecord[]> {
    const rows = await this.db
      .selectFrom('jobs')
      .selectAll()
      .where(sql<SqlBool>`state in ('queued', 'running')`)
      .orderBy('id')
      .execute();
    return rows.map(jobRecord);
  }

  private async end(id: number, change: { state: 'done' | 'failed'; result?: string; error?: string }): Promise<void> {
    await this.db
      .updateTable('jobs')
      .set({ ...change, finished_at: this.now() })
      .where('id', '=', id)
      .execute();
  }
}

function jobRecord(row: Row<'jobs'>): JobRecord {
  return {
    id: row.id,
    kind: row.kind,
    request: fromJson<unknown>(row.request, 'jobs.request'),
    state: row.state as JobRecord['state'],
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
    runId: row.run_id ?? undefined,
    result: row.result === null ? undefined : fromJson<unknown>(row.result, 'jobs.result'),
    error: row.error ?? undefined,
  };
}
