import type { Kysely } from 'kysely';

import { fromJson } from './from-json';
import type { EventRecord, RunEvent } from './records';
import type { Row, StoreSchema } from './schema';

/** What happened in a run, in order; how one process watches the work of another. */
export class EventStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  /** The progress of a step is forgotten once it is finished: nobody needs it any more, and it would be most of the store. */
  async append(runId: string, event: RunEvent): Promise<void> {
    const step = 'step' in event ? event.step : null;
    const row = { run_id: runId, at: this.now(), type: event.type, step, event: JSON.stringify(event) };
    if (event.type !== 'step-finished') {
      await this.db.insertInto('events').values(row).execute();
      return;
    }
    await this.db.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom('events')
        .where('run_id', '=', runId)
        .where('type', '=', 'step-progress')
        .where('step', '=', step)
        .execute();
      await transaction.insertInto('events').values(row).execute();
    });
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

function eventRecord(row: Row<'events'>): EventRecord {
  return { id: row.id, runId: row.run_id, at: row.at, event: fromJson<RunEvent>(row.event, 'events.event') };
}
