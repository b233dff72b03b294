import { isEvasion } from '@rampart/core';
import { type Kysely, sql } from 'kysely';

import { isPostgres } from './dialect';
import type { InstanceRecord } from './records';
import type { NewRow, Row, StoreSchema } from './schema';

/**
 * `misclassified`: wrong without the attack. Of the others, `evaded`: wrong after it; `unmoved`: the attack left it as it
 * was, as where the gradient is zero, so that it was not attacked at all; `resisted`: moved, and right all the same.
 */
export type InstanceOutcome = 'evaded' | 'resisted' | 'misclassified' | 'unmoved';

/** By what is stored of them. */
export const OUTCOMES: readonly InstanceOutcome[] = ['resisted', 'evaded', 'misclassified', 'unmoved'];

/** What came of the attacked instances of one evaluation, in order of position. */
export interface Outcomes {
  /** Indices into the test set, parted by commas: equal for evaluations of the same instances. */
  readonly testIndices: string;
  /** One digit an instance: its place in `OUTCOMES`. */
  readonly digits: string;
}

export interface InstanceQuery {
  /** The evaluations to show, in the order to show them. */
  readonly evaluateSteps: readonly string[];
  readonly outcome?: InstanceOutcome;
  /** Instances to pass over. */
  readonly offset?: number;
  /** Instances on a page. */
  readonly limit: number;
}

export interface InstancePage {
  readonly instances: readonly InstanceRecord[];
  /** Instances on all pages. */
  readonly total: number;
}

/** Attacked instances as models judged them. */
export class InstanceStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /** One page of the instances of several evaluations. Evaluations before the page are passed over unread. */
  async page({ evaluateSteps, outcome, offset = 0, limit }: InstanceQuery): Promise<InstancePage> {
    const ids = await this.idsOf(evaluateSteps);
    const sizes = await this.sizes([...ids.values()], outcome);
    const instances: InstanceRecord[] = [];
    let skip = offset;
    for (const evaluateStep of evaluateSteps) {
      const id = ids.get(evaluateStep);
      const size = id === undefined ? 0 : (sizes.get(id) ?? 0);
      if (id !== undefined && skip < size && instances.length < limit) {
        let select = this.db.selectFrom('instances').selectAll().where('step_id', '=', id);
        if (outcome) select = select.where('outcome', '=', OUTCOMES.indexOf(outcome));
        const rows = await select
          .orderBy('position')
          .limit(limit - instances.length)
          .offset(skip)
          .execute();
        instances.push(...rows.map((row) => instanceRecord(evaluateStep, row)));
      }
      skip = Math.max(0, skip - size);
    }
    return { instances, total: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
  }

  /** How many instances of each outcome the evaluations have. */
  async counts(evaluateSteps: readonly string[]): Promise<Readonly<Record<InstanceOutcome, number>>> {
    const result = { evaded: 0, resisted: 0, misclassified: 0, unmoved: 0 };
    const ids = [...(await this.idsOf(evaluateSteps)).values()];
    if (ids.length === 0) return result;
    const rows = await this.db
      .selectFrom('instances')
      .select('outcome')
      .select((e) => e.fn.countAll<number>().as('count'))
      .where('step_id', 'in', ids)
      .groupBy('outcome')
      .execute();
    for (const row of rows) result[OUTCOMES[row.outcome]!] = row.count;
    return result;
  }

  /** One test image in several evaluations. */
  async ofTestIndex(evaluateSteps: readonly string[], testIndex: number): Promise<InstanceRecord[]> {
    const ids = await this.idsOf(evaluateSteps);
    if (ids.size === 0) return [];
    const rows = await this.db
      .selectFrom('instances')
      .selectAll()
      .where('step_id', 'in', [...ids.values()])
      .where('test_index', '=', testIndex)
      .execute();
    const keys = new Map([...ids].map(([key, id]) => [id, key]));
    return rows.map((row) => instanceRecord(keys.get(row.step_id)!, row));
  }

  /** The instances of an evaluation next to a test image in the test set, on either side, by their test indices. */
  async neighbours(
    evaluateStep: string,
    testIndex: number,
  ): Promise<{ readonly before: number | undefined; readonly after: number | undefined }> {
    const id = (await this.idsOf([evaluateStep])).get(evaluateStep);
    if (id === undefined) return { before: undefined, after: undefined };
    const next = async (side: '<' | '>', order: 'asc' | 'desc') => {
      const row = await this.db
        .selectFrom('instances')
        .select('test_index')
        .where('step_id', '=', id)
        .where('test_index', side, testIndex)
        .orderBy('test_index', order)
        .limit(1)
        .executeTakeFirst();
      return row?.test_index;
    };
    return { before: await next('<', 'desc'), after: await next('>', 'asc') };
  }

  /** Every instance of one evaluation, in order of position. */
  async ofStep(evaluateStep: string): Promise<InstanceRecord[]> {
    const id = (await this.idsOf([evaluateStep])).get(evaluateStep);
    if (id === undefined) return [];
    const rows = await this.db
      .selectFrom('instances')
      .selectAll()
      .where('step_id', '=', id)
      .orderBy('position')
      .execute();
    return rows.map((row) => instanceRecord(evaluateStep, row));
  }

  /** The distortions or iterations of the instances that evaded, in ascending order; what curves are made of. */
  async ofEvading(evaluateStep: string, column: 'distortion' | 'iterations'): Promise<number[]> {
    const id = (await this.idsOf([evaluateStep])).get(evaluateStep);
    if (id === undefined) return [];
    const rows = await this.db
      .selectFrom('instances')
      .select(`${column} as value`)
      .where('step_id', '=', id)
      .where('outcome', '=', OUTCOMES.indexOf('evaded'))
      .orderBy(column)
      .execute();
    return rows.map((row) => row.value);
  }

  /** What came of every instance of the evaluations that have any, by their keys. */
  async outcomes(evaluateSteps: readonly string[]): Promise<Map<string, Outcomes>> {
    const ids = await this.idsOf(evaluateSteps);
    if (ids.size === 0) return new Map();
    const inOrder = (column: string, between: string) =>
      isPostgres(this.db)
        ? sql`string_agg(${sql.ref(column)}::text, ${sql.lit(between)} order by position)`
        : sql`group_concat(${sql.ref(column)}, ${sql.lit(between)})`;
    const { rows } = await sql<{ step_id: number; test_indices: string; digits: string }>`
      select step_id, ${inOrder('test_index', ',')} as test_indices, ${inOrder('outcome', '')} as digits
      from (
        select step_id, position, test_index, outcome from instances
        where step_id in (${sql.join([...ids.values()])}) order by step_id, position
      ) as ordered
      group by step_id`.execute(this.db);
    const keys = new Map([...ids].map(([key, id]) => [id, key]));
    return new Map(rows.map((row) => [keys.get(row.step_id)!, { testIndices: row.test_indices, digits: row.digits }]));
  }

  private async sizes(ids: readonly number[], outcome: InstanceOutcome | undefined): Promise<Map<number, number>> {
    if (ids.length === 0) return new Map();
    let select = this.db.selectFrom('instances').where('step_id', 'in', ids);
    if (outcome) select = select.where('outcome', '=', OUTCOMES.indexOf(outcome));
    const rows = await select
      .select('step_id')
      .select((e) => e.fn.countAll<number>().as('count'))
      .groupBy('step_id')
      .execute();
    return new Map(rows.map((row) => [row.step_id, row.count]));
  }

  private async idsOf(keys: readonly string[]): Promise<Map<string, number>> {
    if (keys.length === 0) return new Map();
    const rows = await this.db.selectFrom('steps').select(['id', 'key']).where('key', 'in', keys).execute();
    return new Map(rows.map((row) => [row.key, row.id]));
  }
}

/** What the attack has come to on this instance. */
export function outcomeOf(
  instance: Pick<InstanceRecord, 'label' | 'predictionBefore' | 'predictionAfter' | 'linf'>,
): InstanceOutcome {
  if (instance.predictionBefore !== instance.label) return 'misclassified';
  if (isEvasion(instance.predictionAfter, instance.label)) return 'evaded';
  return instance.linf === 0 ? 'unmoved' : 'resisted';
}

export function instanceRow(stepId: number, instance: InstanceRecord): NewRow<'instances'> {
  return {
    step_id: stepId,
    position: instance.position,
    test_index: instance.testIndex,
    label: instance.label,
    prediction_before: instance.predictionBefore,
    prediction_after: instance.predictionAfter,
    confidence_before: instance.confidenceBefore,
    confidence_after: instance.confidenceAfter,
    distortion: instance.distortion,
    linf: instance.linf,
    iterations: instance.iterations,
    outcome: OUTCOMES.indexOf(outcomeOf(instance)),
  };
}

function instanceRecord(evaluateStep: string, row: Row<'instances'>): InstanceRecord {
  return {
    evaluateStep,
    position: row.position,
    testIndex: row.test_index,
    label: row.label,
    predictionBefore: row.prediction_before,
    predictionAfter: row.prediction_after,
    confidenceBefore: row.confidence_before,
    confidenceAfter: row.confidence_after,
    distortion: row.distortion,
    linf: row.linf,
    iterations: row.iterations,
  };
}
