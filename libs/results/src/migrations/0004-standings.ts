import { type Kysely, type Migration, sql } from 'kysely';

import { writeStandingsOfInstances, writeStandingsOfThreats } from '../standing-sql';

/**
 * What an attack left as it was gets an outcome of its own, what was wrong before it is so whatever came after, and
 * lists of runs know how models stand up to attacks, not which test set has the fewest instances to attack.
 */
export const standings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`update instances set outcome = case
      when prediction_before <> label then 2
      when prediction_after <> label then 1
      when linf = 0 then 3
      else 0
    end`.execute(db);
    await db.schema
      .createTable('standings')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('mode', 'text', (column) => column.notNull())
      .addColumn('threat', 'text', (column) => column.notNull())
      .addColumn('seed', 'integer', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('attacks', 'text', (column) => column.notNull())
      .addColumn('attacked', 'integer', (column) => column.notNull())
      .addColumn('attackable', 'integer', (column) => column.notNull())
      .addColumn('evaded', 'integer', (column) => column.notNull())
      .addColumn('unmoved', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('standings_key', ['run_id', 'model', 'mode', 'threat', 'seed'])
      .execute();
    await writeStandingsOfInstances(db);
    await writeStandingsOfThreats(db);
    for (const column of ['best_model', 'best_attack', 'best_mode', 'best_error']) {
      await db.schema.alterTable('runs').dropColumn(column).execute();
    }
  },
};
