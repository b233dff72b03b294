import { type Kysely, sql, type SqlBool } from 'kysely';

import { fromJson } from './from-json';
import type { ModelRecord } from './records';
import type { Row, StoreSchema } from './schema';
import { transact } from './transact';

/** The models of runs. */
export class ModelStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /** Writes models, all or nothing; one of the same label and seed is replaced. */
  async put(models: readonly ModelRecord[]): Promise<void> {
    await transact(this.db, async (transaction) => {
      for (const model of models) {
        const row = {
          step: model.step,
          artifact: model.artifact,
          parents: JSON.stringify(model.parents),
          parameters: model.parameters,
          engine: model.engine,
          facts: JSON.stringify(model.facts),
        };
        await transaction
          .insertInto('models')
          .values({ run_id: model.runId, seed: model.seed, label: model.label, ...row })
          .onConflict((conflict) => conflict.columns(['run_id', 'label', 'seed']).doUpdateSet(row))
          .execute();
      }
    });
  }

  /** In the order of the run's plan, whatever order they were finished in. */
  async ofRun(runId: string): Promise<ModelRecord[]> {
    const rows = await this.db
      .selectFrom('models')
      .leftJoin('run_steps', (join) =>
        join.onRef('run_steps.run_id', '=', 'models.run_id').onRef('run_steps.key', '=', 'models.step'),
      )
      .selectAll('models')
      .where('models.run_id', '=', runId)
      .orderBy('run_steps.position', (order) => order.asc().nullsFirst())
      .orderBy('models.rowid' as never)
      .execute();
    return rows.map(modelRecord);
  }

  /** Every run's model with this content. */
  async ofArtifact(checksum: string): Promise<ModelRecord[]> {
    const rows = await this.db.selectFrom('models').selectAll().where('artifact', '=', checksum).execute();
    return rows.map(modelRecord);
  }

  /** The models that these steps made. */
  async ofSteps(steps: readonly string[]): Promise<ModelRecord[]> {
    if (steps.length === 0) return [];
    const rows = await this.db.selectFrom('models').selectAll().where('step', 'in', steps).execute();
    return rows.map(modelRecord);
  }

  /** The models that were made from the one of this step. */
  async childrenOf(step: string): Promise<ModelRecord[]> {
    const [own] = await this.ofSteps([step]);
    if (!own) return [];
    const rows = await this.db
      .selectFrom('models')
      .selectAll()
      .where('run_id', 'in', this.db.selectFrom('models').select('run_id').where('step', '=', step))
      .where('parents', 'like', `%${JSON.stringify(step)}%`)
      .execute();
    return rows.map(modelRecord);
  }

  /** Distinct models over all runs, those of the latest runs first. */
  async list(query: { readonly search?: string; readonly limit: number; readonly offset?: number }): Promise<{
    readonly models: readonly ModelRecord[];
    readonly total: number;
  }> {
    let select = this.db.selectFrom('models');
    if (query.search) {
      const pattern = `%${query.search.toLowerCase().replace(/[%_\\]/g, '')}%`;
      select = select.where(sql<SqlBool>`lower(label) like ${pattern}`);
    }
    const { total } = await select
      .select((e) => e.fn.count<number>('artifact').distinct().as('total'))
      .executeTakeFirstOrThrow();
    const latest = await select
      .select('artifact')
      .select((e) => e.fn.max('run_id').as('run_id'))
      .groupBy('artifact')
      .orderBy('run_id', 'desc')
      .orderBy('artifact')
      .limit(query.limit)
      .offset(query.offset ?? 0)
      .execute();
    if (latest.length === 0) return { models: [], total };
    const rows = await this.db
      .selectFrom('models')
      .selectAll()
      .where(
        'artifact',
        'in',
        latest.map((row) => row.artifact),
      )
      .execute();
    const models = latest.map((one) => rows.find((row) => row.artifact === one.artifact && row.run_id === one.run_id)!);
    return { models: models.map(modelRecord), total };
  }
}

function modelRecord(row: Row<'models'>): ModelRecord {
  return {
    runId: row.run_id,
    seed: row.seed,
    label: row.label,
    step: row.step,
    artifact: row.artifact,
    parents: fromJson<string[]>(row.parents, 'models.parents'),
    parameters: row.parameters,
    engine: row.engine,
    facts: fromJson<ModelRecord['facts']>(row.facts, 'models.facts'),
  };
}
