import { type Kysely, type Migration } from 'kysely';

/** How models withstand threats, and their curves over epsilon: one JSON value each. */
export const robustness: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [table, what] of [
      ['robustness', 'threat'],
      ['robustness_curves', 'series'],
    ] as const) {
      await db.schema
        .createTable(table)
        .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('mode', 'text', (column) => column.notNull())
        .addColumn(what, 'text', (column) => column.notNull())
        .addColumn('seed', 'integer', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint(`${table}_key`, ['run_id', 'model', 'mode', what, 'seed'])
        .execute();
    }
  },
};
