import { type Kysely, sql } from 'kysely';

/** Crystals of machines drift apart by milliseconds in so long. */
const SET_EVERY_MS = 60_000;

/**
 * The database's clock, read once a minute and carried on in between: leases and signs of life of many machines go by
 * one clock, whatever theirs say.
 */
export class DatabaseClock {
  private offset = 0;
  private timer: NodeJS.Timeout | undefined;

  static async start<Schema>(db: Kysely<Schema>): Promise<DatabaseClock> {
    const clock = new DatabaseClock();
    await clock.set(db);
    clock.timer = setInterval(() => void clock.set(db).catch(() => undefined), SET_EVERY_MS);
    clock.timer.unref();
    return clock;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Math.round(performance.now() + this.offset);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async set<Schema>(db: Kysely<Schema>): Promise<void> {
    const asked = performance.now();
    const { rows } = await sql<{ now: number }>`
      select (extract(epoch from clock_timestamp()) * 1000)::double precision as now`.execute(db);
    this.offset = rows[0]!.now - (asked + performance.now()) / 2;
  }
}
