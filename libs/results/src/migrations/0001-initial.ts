import { type Kysely, type Migration, sql } from 'kysely';

/** The first layout. A migration that was released is never edited: a change is a migration of its own. */
export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('runs')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('plan_key', 'text', (column) => column.notNull())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('experiment', 'text', (column) => column.notNull())
      .addColumn('dataset', 'text', (column) => column.notNull())
      .addColumn('published', 'text')
      .addColumn('engine', 'text', (column) => column.notNull())
      .addColumn('seeds', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('steps_total', 'integer', (column) => column.notNull())
      .addColumn('steps_done', 'integer', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('heartbeat_at', 'bigint', (column) => column.notNull())
      .addColumn('finished_at', 'bigint')
      .addColumn('error', 'text')
      .addColumn('tags', 'text', (column) => column.notNull())
      .addColumn('notes', 'text', (column) => column.notNull())
      .addColumn('images', 'text')
      .addColumn('cancel_requested', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('models', 'text', (column) => column.notNull().defaultTo('[]'))
      .addColumn('best_model', 'text')
      .addColumn('best_attack', 'text')
      .addColumn('best_mode', 'text')
      .addColumn('best_error', 'double precision')
      .execute();
    await db.schema.createIndex('runs_by_start').on('runs').columns(['started_at', 'id']).execute();
    await db.schema.createIndex('runs_by_plan').on('runs').columns(['plan_key', 'started_at']).execute();
    await db.schema.createIndex('runs_by_state').on('runs').columns(['state', 'heartbeat_at']).execute();

    await db.schema
      .createTable('run_steps')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('label', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('run_steps_key', ['run_id', 'key'])
      .execute();
    await db.schema.createIndex('run_steps_by_key').on('run_steps').column('key').execute();

    await db.schema
      .createTable('steps')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('key', 'text', (column) => column.notNull().unique())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('label', 'text', (column) => column.notNull())
      .addColumn('output', 'text', (column) => column.notNull())
      .addColumn('seconds', 'double precision', (column) => column.notNull())
      .addColumn('finished_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('steps_by_label').on('steps').column('label').execute();

    await db.schema
      .createTable('step_artifacts')
      .addColumn('step_id', 'integer', (column) => column.notNull().references('steps.id').onDelete('cascade'))
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('extension', 'text', (column) => column.notNull())
      .addColumn('checksum', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('step_artifacts_key', ['step_id', 'position'])
      .execute();
    await db.schema.createIndex('step_artifacts_by_checksum').on('step_artifacts').column('checksum').execute();

    await db.schema
      .createTable('claims')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute();

    await db.schema
      .createTable('events')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('step', 'text')
      .addColumn('event', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('events_by_run').on('events').columns(['run_id', 'id']).execute();

    await db.schema
      .createTable('cells')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('attack', 'text', (column) => column.notNull())
      .addColumn('mode', 'text', (column) => column.notNull())
      .addColumn('metric', 'text', (column) => column.notNull())
      .addColumn('seed', 'integer', (column) => column.notNull())
      .addColumn('unit', 'text', (column) => column.notNull())
      .addColumn('value', 'double precision', (column) => column.notNull())
      .addColumn('low', 'double precision', (column) => column.notNull())
      .addColumn('high', 'double precision', (column) => column.notNull())
      .addColumn('count', 'integer', (column) => column.notNull())
      .addColumn('attack_step', 'text')
      .addColumn('evaluate_step', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('cells_key', ['run_id', 'model', 'attack', 'mode', 'metric', 'seed'])
      .execute();
    await db.schema.createIndex('cells_by_evaluation').on('cells').column('evaluate_step').execute();

    await db.schema
      .createTable('curves')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('diagram', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('series', 'text', (column) => column.notNull())
      .addColumn('seed', 'integer', (column) => column.notNull())
      .addColumn('x', 'double precision', (column) => column.notNull())
      .addColumn('y', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('curves_key', ['run_id', 'diagram', 'model', 'series', 'seed', 'x'])
      .execute();

    await db.schema
      .createTable('models')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('label', 'text', (column) => column.notNull())
      .addColumn('seed', 'integer', (column) => column.notNull())
      .addColumn('step', 'text', (column) => column.notNull())
      .addColumn('artifact', 'text', (column) => column.notNull())
      .addColumn('parents', 'text', (column) => column.notNull())
      .addColumn('parameters', 'bigint', (column) => column.notNull())
      .addColumn('engine', 'text', (column) => column.notNull())
      .addColumn('facts', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('models_key', ['run_id', 'label', 'seed'])
      .execute();
    await db.schema.createIndex('models_by_artifact').on('models').column('artifact').execute();
    await db.schema.createIndex('models_by_step').on('models').column('step').execute();

    await db.schema
      .createTable('instances')
      .addColumn('step_id', 'integer', (column) => column.notNull().references('steps.id').onDelete('cascade'))
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('test_index', 'integer', (column) => column.notNull())
      .addColumn('label', 'integer', (column) => column.notNull())
      .addColumn('prediction_before', 'integer', (column) => column.notNull())
      .addColumn('prediction_after', 'integer', (column) => column.notNull())
      .addColumn('confidence_before', 'double precision', (column) => column.notNull())
      .addColumn('confidence_after', 'double precision', (column) => column.notNull())
      .addColumn('distortion', 'double precision', (column) => column.notNull())
      .addColumn('linf', 'double precision', (column) => column.notNull())
      .addColumn('iterations', 'integer', (column) => column.notNull())
      .addColumn('outcome', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('instances_key', ['step_id', 'position'])
      .modifyEnd(sql`without rowid`)
      .execute();
    await db.schema
      .createIndex('instances_by_outcome')
      .on('instances')
      .columns(['step_id', 'outcome', 'position'])
      .execute();
    await db.schema.createIndex('instances_by_test_index').on('instances').columns(['step_id', 'test_index']).execute();

    await db.schema
      .createTable('jobs')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('request', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('owner', 'text')
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('finished_at', 'bigint')
      .addColumn('run_id', 'text')
      .addColumn('result', 'text')
      .addColumn('error', 'text')
      .execute();
    await db.schema.createIndex('jobs_by_state').on('jobs').columns(['state', 'id']).execute();

    await db.schema
      .createTable('documents')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
