import { setTimeout as delay } from 'node:timers/promises';

import { type Kysely, sql } from 'kysely';

import { fromJson } from './from-json';
import type { Notifications } from './postgres/notifications';
import type { EventRecord, RunEvent } from './records';
import type { Row, StoreSchema } from './schema';
import { transact } from './transact';

/** Behind a pooler nobody is told anything, so one looks now and then all the same. */
const TOLD_WITHIN_MS = 2_000;

/** What happened in a run, in order; how one process watches the work of another. */
export class EventStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
    /** What other processes tell of their events; undefined where one has to look. */
    private readonly notifications?: Notifications,
  ) {}

  /** The progress of a step is forgotten once it is finished: nobody needs it any more, and it would be most of the store. */
  async append(runId: string, event: RunEvent): Promise<void> {
    const step = 'step' in event ? event.step : null;
    const row = { run_id: runId, at: this.now(), type: event.type, step, event: JSON.stringify(event) };
    if (event.type !== 'step-finished') {
      await this.db.insertInto('events').values(row).execute();
      await this.tell(this.db, runId);
      return;
    }
    await transact(this.db, async (transaction) => {
      await transaction
        .deleteFrom('events')
        .where('run_id', '=', runId)
        .where('type', '=', 'step-progress')
        .where('step', '=', step)
        .execute();
      await transaction.insertInto('events').values(row).execute();
      await this.tell(transaction, runId);
    });
  }

  /**
   * Waits until something may have happened in a run: where processes tell each other, until it has, and otherwise for
   * `pause` milliseconds.
   * @param runId of any run where it is empty
   */
  async next(runId: string, pause: number, signal?: AbortSignal): Promise<void> {
    if (this.notifications) return this.notifications.next('rampart_events', runId, TOLD_WITHIN_MS, signal);
    await delay(pause, undefined, signal ? { signal } : {}).catch(() => undefined);
  }

  private async tell(db: Kysely<StoreSchema>, runId: string): Promise<void> {
    if (this.notifications) await sql`select pg_notify('rampart_events', ${runId})`.execute(db);
  }

  /** The events after the one of this id, oldest first; 0 is before the first. */
  async after(runId: string, id: number, limit = 1_000): Promise<EventRecord[]> {
    const rows = await this.db
      .selectFrom('events')
      .selectAll()
      .where('run_id', '=', runId)
      .where('id', '>', id)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(eventRecord);
  }

  /** The last events, oldest first. */
  async latest(runId: string, limit: number): Promise<EventRecord[]> {
    const rows = await this.db
      .selectFrom('events')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(eventRecord).reverse();
  }
}

/** Tells the process of a run that it is to stop. */
export async function tellToStop(db: Kysely<StoreSchema>, runId: string): Promise<void> {
  await sql`select pg_notify('rampart_work', ${`stop ${runId}`})`.execute(db);
}

function eventRecord(row: Row<'events'>): EventRecord {
  return { id: row.id, runId: row.run_id, at: row.at, event: fromJson<RunEvent>(row.event, 'events.event') };
}
