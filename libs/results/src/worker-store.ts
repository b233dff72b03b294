import type { Kysely } from 'kysely';

import { fromJson } from './from-json';
import type { Row, StoreSchema } from './schema';

/** A worker without a sign of life for this long is lost. */
const LOST_AFTER_MS = 15_000;
/** Workers that ended longer ago are forgotten. */
const FORGOTTEN_AFTER_MS = 7 * 24 * 3_600_000;

/** What a worker has, as it announces it. */
export interface WorkerMeans {
  readonly host: string;
  readonly pid: number;
  readonly cores: number;
  readonly threads: number;
  /** Bytes that steps may take. */
  readonly memory: number;
  readonly processor: string;
  readonly version: string;
  readonly node: string;
  readonly engine: string;
  /** Kinds of steps that it takes; empty for all. */
  readonly kinds: readonly string[];
}

/** A step that a worker is at. */
export interface WorkerStep {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  readonly since: number;
}

/** A process that does steps. */
export interface WorkerRecord {
  readonly id: string;
  readonly state: 'alive' | 'ended' | 'lost';
  readonly startedAt: number;
  readonly seenAt: number;
  readonly endedAt: number | undefined;
  /** Steps that it has finished, and that it has failed at. */
  readonly done: number;
  readonly failed: number;
  readonly has: WorkerMeans;
  /** What it is at, or was when it was lost. */
  readonly busy: readonly WorkerStep[];
}

/** Workers on all machines. */
export class WorkerStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  /** A sign of life, with all that is to be known of the worker. */
  async sign(
    worker: Pick<WorkerRecord, 'id' | 'startedAt' | 'done' | 'failed' | 'has' | 'busy'>,
    ended = false,
  ): Promise<void> {
    const now = this.now();
    const row = {
      started_at: worker.startedAt,
      seen_at: now,
      ended_at: ended ? now : null,
      done: worker.done,
      failed: worker.failed,
      has: JSON.stringify(worker.has),
      busy: JSON.stringify(worker.busy),
    };
    await this.db
      .insertInto('workers')
      .values({ id: worker.id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
    if (ended)
      await this.db
        .deleteFrom('workers')
        .where('seen_at', '<', now - FORGOTTEN_AFTER_MS)
        .execute();
  }

  /** Those that were heard of last first. */
  async list(limit = 500): Promise<WorkerRecord[]> {
    const rows = await this.db
      .selectFrom('workers')
      .selectAll()
      .orderBy('seen_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => this.record(row));
  }

  private record(row: Row<'workers'>): WorkerRecord {
    const lost = row.ended_at === null && row.seen_at < this.now() - LOST_AFTER_MS;
    return {
      id: row.id,
      state: row.ended_at !== null ? 'ended' : lost ? 'lost' : 'alive',
      startedAt: row.started_at,
      seenAt: row.seen_at,
      endedAt: row.ended_at ?? undefined,
      done: row.done,
      failed: row.failed,
      has: fromJson<WorkerMeans>(row.has, 'workers.has'),
      busy: fromJson<WorkerStep[]>(row.busy, 'workers.busy'),
    };
  }
}
