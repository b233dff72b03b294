import type { Kysely, Transaction } from 'kysely';

import { isPostgres } from './dialect';
import { isTransient } from './postgres/postgres-error';
import type { StoreSchema } from './schema';

/** A transaction of the store's database. */
export type StoreTransaction = Transaction<StoreSchema>;

/** How often a transaction is begun anew. */
const ATTEMPTS = 5;

/**
 * Does all of something or nothing of it. On a server it is done again where the connection was lost or another
 * transaction was in the way, also where nobody knows whether it had come to its end: it must come to the same twice.
 */
export async function transact<T>(
  db: Kysely<StoreSchema>,
  work: (transaction: StoreTransaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (!isPostgres(db) || attempt === ATTEMPTS || !isTransient(error)) throw error;
    }
  }
}
