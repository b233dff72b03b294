import type { Kysely } from 'kysely';

import type { StoreSchema } from '../schema';
import { transact } from '../transact';

const TABLES = ['notes', 'model_tags', 'views'] as const;

/** Takes notes, tags of models and views over; what the other store has under the same name stays as it is. */
export async function copyAnnotations(from: Kysely<StoreSchema>, to: Kysely<StoreSchema>): Promise<void> {
  for (const table of TABLES) {
    const rows = await from.selectFrom(table).selectAll().execute();
    await transact(to, async (transaction) => {
      for (const row of rows) {
        await transaction
          .insertInto(table)
          .values(row as never)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    });
  }
}
