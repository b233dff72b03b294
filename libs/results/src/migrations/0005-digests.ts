import type { Kysely, Migration } from 'kysely';

/**
 * Steps and runs get the SHA-256 of what they consist of, so that damage to the database is seen as that to files is,
 * and steps whose files are lost can be marked as to be done again. What older versions wrote has none.
 */
export const digests: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('steps').addColumn('digest', 'text').execute();
    await db.schema.alterTable('steps').addColumn('instances_digest', 'text').execute();
    await db.schema.alterTable('steps').addColumn('damaged_at', 'bigint').execute();
    await db.schema.alterTable('runs').addColumn('figures_digest', 'text').execute();
  },
};
