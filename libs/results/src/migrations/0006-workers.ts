import type { Kysely, Migration } from 'kysely';

/** The processes that do the steps of runs on other machines. */
export const workers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('workers')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('done', 'integer', (column) => column.notNull())
      .addColumn('failed', 'integer', (column) => column.notNull())
      .addColumn('has', 'text', (column) => column.notNull())
      .addColumn('busy', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('workers_by_sign').on('workers').column('seen_at').execute();
  },
};
