import { setTimeout as delay } from 'node:timers/promises';

import { type Kysely, sql } from 'kysely';

import type { StoreSchema } from '../schema';
import { transact } from '../transact';

const AGAIN_MS = 100;

/**
 * Does something while no other process does the same, as making tables; again where the connection was lost. Who has to
 * wait holds no connection meanwhile: behind a pooler, many that wait would leave none to the one that they wait for.
 */
export async function alone<T>(db: Kysely<StoreSchema>, name: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const done = await transact(db, async (lock) => {
      const { rows } = await sql<{ had: boolean }>`
        select pg_try_advisory_xact_lock(hashtext(${name})) as had`.execute(lock);
      return rows[0]!.had ? { result: await work() } : undefined;
    });
    if (done) return done.result;
    await delay(AGAIN_MS);
  }
}
