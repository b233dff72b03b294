import { type Kysely, sql } from 'kysely';

import type { InstanceRecord } from './records';
import type { NewRow, Row, StoreSchema } from './schema';

/** `evaded`: right before the attack, wrong after it. `resisted`: right after it. `misclassified`: wrong without it. */
export type InstanceOutcome = 'evaded' | 'resisted' | 'misclassified';

const OUTCOMES: readonly InstanceOutcome[] = ['resisted', 'evaded', 'misclassified'];

/** The place after which a page starts: the last instance of the page before. */
export interface InstanceCursor {
  readonly evaluateStep: string;
  readonly position: number;
}

export interface InstanceQuery {
  /** The evaluations to show, in the order to show them. */
  readonly evaluateSteps: readonly string[];
  readonly outcome?: InstanceOutcome;
  readonly after?: InstanceCursor;
  /** Instances on a page. */
  readonly limit: number;
}

export interface InstancePage {
  readonly instances: readonly InstanceRecord[];
  /** Where the next page starts; undefined after the last one. */
  readonly next: InstanceCursor | undefined;
}

/** Attacked instances as models judged them. */
export class InstanceStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /** One page, by key and not by offset: the thousandth page costs what the first does. */
  async page(query: InstanceQuery): Promise<InstancePage> {
    const instances: InstanceRecord[] = [];
    const start = query.after ? query.evaluateSteps.indexOf(query.after.evaluateStep) : 0;
    if (start < 0) return { instances: [], next: undefined };
    const ids = await this.idsOf(query.evaluateSteps.slice(start));
    for (const evaluateStep of query.evaluateSteps.slice(start)) {
      const id = ids.get(evaluateStep);
      const wanted = query.limit + 1 - instances.length;
      if (wanted <= 0) break;
      if (id === undefined) continue;
      const after = query.after?.evaluateStep === evaluateStep ? query.after.position : -1;
      let select = this.db.selectFrom('instances').selectAll().where('step_id', '=', id).where('position', '>', after);
      if (query.outcome) select = select.where('outcome', '=', OUTCOMES.indexOf(query.outcome));
      const rows = await select.orderBy('position').limit(wanted).execute();
      instances.push(...rows.map((row) => instanceRecord(evaluateStep, row)));
    }
    const page = instances.slice(0, query.limit);
    const last = page.at(-1);
    const more = instances.length > query.limit && last;
    return { instances: page, next: more ? { evaluateStep: last.evaluateStep, position: last.position } : undefined };
  }

  /** How many instances of each outcome the evaluations have. */
  async counts(evaluateSteps: readonly string[]): Promise<Readonly<Record<InstanceOutcome, number>>> {
    const result = { evaded: 0, resisted: 0, misclassified: 0 };
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

  /**
   * How many test images are misclassified after at least one of these evaluations: the worst case of an instance.
   * The evaluations are to be of one model and seed, on the same attacked instances.
   */
  async misclassifiedByAny(evaluateSteps: readonly string[]): Promise<number> {
    const ids = [...(await this.idsOf(evaluateSteps)).values()];
    if (ids.length === 0) return 0;
    const row = await this.db
      .selectFrom('instances')
      .select(sql<number>`count(distinct test_index)`.as('count'))
      .where('step_id', 'in', ids)
      .where('outcome', '!=', OUTCOMES.indexOf('resisted'))
      .executeTakeFirst();
    return row?.count ?? 0;
  }

  private async idsOf(keys: readonly string[]): Promise<Map<string, number>> {
    if (keys.length === 0) return new Map();
    const rows = await this.db.selectFrom('steps').select(['id', 'key']).where('key', 'in', keys).execute();
    return new Map(rows.map((row) => [row.key, row.id]));
  }
}

/** What the attack has come to on this instance. */
export function outcomeOf(
  instance: Pick<InstanceRecord, 'label' | 'predictionBefore' | 'predictionAfter'>,
): InstanceOutcome {
  if (instance.predictionAfter === instance.label) return 'resisted';
  return instance.predictionBefore === instance.label ? 'evaded' : 'misclassified';
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
