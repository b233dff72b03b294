import type { Kysely } from 'kysely';

import type { NewRow, StoreSchema } from './schema';

/** Rows of one statement: large enough to be quick, and few enough values for SQLite's limit of 32,766. */
const BATCH = 200;

/** Inserts any number of rows of one table; to be called inside a transaction. */
export async function insertAll<T extends keyof StoreSchema>(
  db: Kysely<StoreSchema>,
  table: T,
  rows: readonly NewRow<T>[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    await db
      .insertInto(table)
      .values(rows.slice(start, start + BATCH) as never)
      .execute();
  }
}
