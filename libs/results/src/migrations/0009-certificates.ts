import type { Kysely, Migration } from 'kysely';

/** What is certain of models, whatever the attack: one JSON value a model and seed. */
export const certificates: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('certificates')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('seed', 'integer', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('certificates_key', ['run_id', 'model', 'seed'])
      .execute();
  },
};
