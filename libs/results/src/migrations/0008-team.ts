import type { Kysely, Migration } from 'kysely';

/**
 * What people say about runs and models, views that they keep, runs out of the way or deleted for the time being, and
 * what a plan's steps are for: the cells that they fill and the steps that they wait for. What older versions planned
 * does not say.
 */
export const team: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('runs').addColumn('archived_at', 'bigint').execute();
    await db.schema.alterTable('runs').addColumn('deleted_at', 'bigint').execute();
    await db.schema.alterTable('runs').addColumn('seconds_left', 'double precision').execute();
    await db.schema.alterTable('run_steps').addColumn('cells', 'text').execute();
    await db.schema.alterTable('run_steps').addColumn('needs', 'text').execute();
    await db.schema
      .createTable('notes')
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('author', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('notes_key', ['subject', 'revision'])
      .execute();
    await db.schema
      .createTable('model_tags')
      .addColumn('artifact', 'text', (column) => column.notNull())
      .addColumn('tag', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('model_tags_key', ['artifact', 'tag'])
      .execute();
    await db.schema
      .createTable('views')
      .addColumn('place', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('query', 'text', (column) => column.notNull())
      .addColumn('author', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('views_key', ['place', 'name'])
      .execute();
  },
};
