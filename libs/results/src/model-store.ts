import { type Kysely, sql, type SqlBool } from 'kysely';

import { fromJson } from './from-json';
import type { ModelRecord } from './records';
import type { Row, StoreSchema } from './schema';
import { transact } from './transact';

/** `latest`: those of the newest runs first. */
export type ModelOrder = 'latest' | 'label' | 'parameters' | 'dataset' | 'clean-error';

export interface ModelQuery {
  /** Part of the label, or of the name or dataset of a run that has it, in any case. */
  readonly search?: string;
  readonly tag?: string;
  readonly order?: ModelOrder;
  readonly descending?: boolean;
  readonly limit: number;
  readonly offset?: number;
}

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
    const rows = await this.kept().selectAll('models').where('artifact', '=', checksum).execute();
    return rows.map(modelRecord);
  }

  /** Checksums that begin so, at most two of them. */
  async beginningWith(beginning: string): Promise<string[]> {
    const rows = await this.kept()
      .select('artifact')
      .distinct()
      .where('artifact', '>=', beginning)
      .where('artifact', '<', `${beginning}~`)
      .limit(2)
      .execute();
    return rows.map(({ artifact }) => artifact);
  }

  /** The models that these steps made. */
  async ofSteps(steps: readonly string[]): Promise<ModelRecord[]> {
    if (steps.length === 0) return [];
    const rows = await this.kept().selectAll('models').where('step', 'in', steps).execute();
    return rows.map(modelRecord);
  }

  /** The models that were made from the one of this step. */
  async childrenOf(step: string): Promise<ModelRecord[]> {
    const [own] = await this.ofSteps([step]);
    if (!own) return [];
    const rows = await this.kept()
      .selectAll('models')
      .where('run_id', 'in', this.db.selectFrom('models').select('run_id').where('step', '=', step))
      .where('parents', 'like', `%${JSON.stringify(step)}%`)
      .execute();
    return rows.map(modelRecord);
  }

  /** Distinct models over all runs; each as its latest run has it. */
  async list(query: ModelQuery): Promise<{ readonly models: readonly ModelRecord[]; readonly total: number }> {
    let select = this.kept();
    if (query.search) {
      const pattern = `%${query.search.toLowerCase().replace(/[%_\\]/g, '')}%`;
      select = select.where(
        sql<SqlBool>`(lower(label) like ${pattern} or lower(dataset) like ${pattern} or lower(name) like ${pattern})`,
      );
    }
    if (query.tag !== undefined) {
      const tagged = this.db.selectFrom('model_tags').select('artifact').where('tag', '=', query.tag);
      select = select.where('models.artifact', 'in', tagged);
    }
    const { total } = await select
      .select((e) => e.fn.count<number>('models.artifact').distinct().as('total'))
      .executeTakeFirstOrThrow();
    const order = query.order ?? 'latest';
    const direction = (query.descending ?? order === 'latest') ? 'desc' : 'asc';
    const latest = await this.db
      .selectFrom(
        select
          .select('models.artifact')
          .select((e) => e.fn.max('models.run_id').as('run_id'))
          .groupBy('models.artifact')
          .as('latest'),
      )
      .innerJoin('models', (join) =>
        join.onRef('models.artifact', '=', 'latest.artifact').onRef('models.run_id', '=', 'latest.run_id'),
      )
      .innerJoin('runs', 'runs.id', 'latest.run_id')
      .leftJoin('cells', (join) =>
        join
          .onRef('cells.run_id', '=', 'models.run_id')
          .onRef('cells.model', '=', 'models.label')
          .onRef('cells.seed', '=', 'models.seed')
          .on('cells.mode', '=', 'clean')
          .on('cells.metric', '=', 'error-rate'),
      )
      .select(['latest.artifact', 'latest.run_id'])
      .groupBy(['latest.artifact', 'latest.run_id'])
      // Models without a figure come last, whichever way the others are sorted.
      .orderBy(ORDERS[order], (by) => (direction === 'asc' ? by.asc() : by.desc()).nullsLast())
      .orderBy('latest.run_id', 'desc')
      .orderBy('latest.artifact')
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

  /** Replaces the tags of a model, which has them in whatever run it is. */
  async tag(artifact: string, tags: readonly string[]): Promise<void> {
    await transact(this.db, async (transaction) => {
      await transaction.deleteFrom('model_tags').where('artifact', '=', artifact).execute();
      const rows = [...new Set(tags)].map((tag) => ({ artifact, tag }));
      if (rows.length > 0) await transaction.insertInto('model_tags').values(rows).execute();
    });
  }

  /** The tags of models, those without any left out. */
  async tags(artifacts: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const tags = new Map<string, string[]>();
    if (artifacts.length === 0) return tags;
    const rows = await this.db
      .selectFrom('model_tags')
      .selectAll()
      .where('artifact', 'in', artifacts)
      .orderBy('tag')
      .execute();
    for (const { artifact, tag } of rows) tags.set(artifact, [...(tags.get(artifact) ?? []), tag]);
    return tags;
  }

  /** Those of runs that are not deleted. */
  private kept() {
    return this.db
      .selectFrom('models')
      .innerJoin('runs as of', (join) => join.onRef('of.id', '=', 'models.run_id').on('of.deleted_at', 'is', null));
  }
}

const ORDERS = {
  latest: sql`latest.run_id`,
  label: sql`min(lower(models.label))`,
  parameters: sql`max(models.parameters)`,
  dataset: sql`min(lower(runs.dataset))`,
  'clean-error': sql`min(cells.value)`,
} as const;

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
