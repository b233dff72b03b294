import { isEvasion } from '@rampart/core';
import { type Kysely, sql } from 'kysely';

import { isPostgres } from './dialect';
import { type InstanceOutcome, type Outcomes, OUTCOMES } from './outcomes';
import type { InstanceRecord } from './records';
import type { NewRow, Row, StoreSchema } from './schema';

/**
 * `evaded`: those that evaded before the others, of each evaluation in turn; `distortion` and `confidence`: these, too,
 * the least changed first, or those that the model is surest of after the attack; `position`: as the test set has them.
 */
export const INSTANCE_ORDERS = ['position', 'evaded', 'distortion', 'confidence'] as const;

export type InstanceOrder = (typeof INSTANCE_ORDERS)[number];

export interface InstanceQuery {
  /** The evaluations to show, in the order to show them. */
  readonly evaluateSteps: readonly string[];
  readonly outcome?: InstanceOutcome;
  /** Default: `position`. */
  readonly order?: InstanceOrder;
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

  /**
   * One page of the instances of several evaluations. In the orders `position` and `evaded`, evaluations before the page
   * are passed over unread.
   */
  async page({ evaluateSteps, outcome, order = 'position', offset = 0, limit }: InstanceQuery): Promise<InstancePage> {
    const ids = await this.idsOf(evaluateSteps);
    const wanted = outcome ? [outcome] : OUTCOMES;
    const sizes = await this.sizes([...ids.values()], wanted);
    const sizeOf = (id: number, of: readonly InstanceOutcome[]) =>
      of.reduce((sum, one) => sum + (sizes.get(`${id} ${OUTCOMES.indexOf(one)}`) ?? 0), 0);
    const total = [...ids.values()].reduce((sum, id) => sum + sizeOf(id, wanted), 0);
    if (order === 'distortion' || order === 'confidence') {
      return { instances: await this.ordered(ids, wanted, { order, offset, limit }), total };
    }
    const parts =
      order === 'evaded'
        ? [wanted.filter((one) => one === 'evaded'), wanted.filter((one) => one !== 'evaded')]
        : [wanted];
    const instances: InstanceRecord[] = [];
    let skip = offset;
    for (const part of parts) {
      for (const evaluateStep of evaluateSteps) {
        const id = ids.get(evaluateStep);
        const size = id === undefined ? 0 : sizeOf(id, part);
        if (id !== undefined && skip < size && instances.length < limit) {
          const rows = await this.of([id], part)
            .orderBy('position')
            .limit(limit - instances.length)
            .offset(skip)
            .execute();
          instances.push(...rows.map((row) => instanceRecord(evaluateStep, row)));
        }
        skip = Math.max(0, skip - size);
      }
    }
    return { instances, total };
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

  private of(ids: readonly number[], outcomes: readonly InstanceOutcome[]) {
    const select = this.db.selectFrom('instances').selectAll().where('step_id', 'in', ids);
    if (outcomes.length === OUTCOMES.length) return select;
    return select.where(
      'outcome',
      'in',
      outcomes.map((one) => OUTCOMES.indexOf(one)),
    );
  }

  /** Those that evaded first, of all evaluations together, by what is stored of each. */
  private async ordered(
    ids: ReadonlyMap<string, number>,
    outcomes: readonly InstanceOutcome[],
    {
      order,
      offset,
      limit,
    }: { readonly order: 'distortion' | 'confidence'; readonly offset: number; readonly limit: number },
  ): Promise<InstanceRecord[]> {
    if (ids.size === 0) return [];
    const evaded = sql.lit(OUTCOMES.indexOf('evaded'));
    const rows = await this.of([...ids.values()], outcomes)
      .orderBy(sql`case outcome when ${evaded} then 0 else 1 end`)
      .orderBy(order === 'distortion' ? 'distortion' : 'confidence_after', order === 'distortion' ? 'asc' : 'desc')
      .orderBy('step_id')
      .orderBy('position')
      .limit(limit)
      .offset(offset)
      .execute();
    const keys = new Map([...ids].map(([key, id]) => [id, key]));
    return rows.map((row) => instanceRecord(keys.get(row.step_id)!, row));
  }

  /** How many instances of each outcome, by the evaluation's number and the outcome's. */
  private async sizes(ids: readonly number[], outcomes: readonly InstanceOutcome[]): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const rows = await this.of(ids, outcomes)
      .clearSelect()
      .select(['step_id', 'outcome'])
      .select((e) => e.fn.countAll<number>().as('count'))
      .groupBy(['step_id', 'outcome'])
      .execute();
    return new Map(rows.map((row) => [`${row.step_id} ${row.outcome}`, row.count]));
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
