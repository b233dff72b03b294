import { RampartError } from '@rampart/core';
import type { Kysely, Transaction } from 'kysely';

import { lastOf } from './last-of';
import type { CellMode, CellRecord } from './records';
import type { NewRow, Row, StoreSchema } from './schema';
import { writeStandingsOfInstances } from './standing-sql';
import { transact } from './transact';

const BATCH = 200;

export interface CellFilter {
  readonly metric?: string;
  readonly model?: string;
  readonly attack?: string;
  readonly mode?: CellMode;
  readonly seed?: number;
}

const FILTERED = ['metric', 'model', 'attack', 'mode', 'seed'] as const satisfies (keyof CellFilter)[];

/** A figure without its interval and where it came from, of one of the run's seeds. */
export type CellValue = Pick<CellRecord, 'runId' | 'model' | 'attack' | 'value'>;

/** The figures of runs. */
export class CellStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /**
   * Writes figures, all or nothing; one that is there already is replaced, so that a resumed run may write it again.
   * @throws RampartError `contract` when a figure is not finite
   */
  async put(all: readonly CellRecord[]): Promise<void> {
    const cells = lastOf(all, ['runId', 'model', 'attack', 'mode', 'metric', 'seed']);
    for (const cell of cells) {
      if (![cell.value, cell.low, cell.high].every(Number.isFinite)) {
        throw new RampartError({
          code: 'contract',
          message: `The ${cell.metric} of ${cell.model} under ${cell.attack} is not finite: ${cell.value} [${cell.low}, ${cell.high}].`,
        });
      }
    }
    await transact(this.db, async (transaction) => {
      for (let start = 0; start < cells.length; start += BATCH) {
        await transaction
          .insertInto('cells')
          .values(cells.slice(start, start + BATCH).map(cellRow))
          .onConflict((conflict) =>
            conflict.columns(['run_id', 'model', 'attack', 'mode', 'metric', 'seed']).doUpdateSet((e) => ({
              unit: e.ref('excluded.unit'),
              value: e.ref('excluded.value'),
              low: e.ref('excluded.low'),
              high: e.ref('excluded.high'),
              count: e.ref('excluded.count'),
              attack_step: e.ref('excluded.attack_step'),
              evaluate_step: e.ref('excluded.evaluate_step'),
            })),
          )
          .execute();
      }
      for (const runId of new Set(cells.map((cell) => cell.runId))) {
        await summarise(transaction, runId);
        const attacked = cells.filter(
          (cell) => cell.runId === runId && (cell.mode === 'static' || cell.mode === 'adaptive'),
        );
        for (const model of new Set(attacked.map((cell) => cell.model))) {
          await writeStandingsOfInstances(transaction, { runId, model });
        }
      }
    });
  }

  /** In the order of the run's plan, whatever order they were found out in. */
  async ofRun(runId: string, filter: CellFilter = {}): Promise<CellRecord[]> {
    return this.select([runId], filter);
  }

  async ofRuns(runIds: readonly string[], filter: CellFilter = {}): Promise<CellRecord[]> {
    return runIds.length === 0 ? [] : this.select(runIds, filter);
  }

  /** The figures alone, in no order: of many runs, all that belongs to a cell takes three times as long to read. */
  async valuesOf(runIds: readonly string[], filter: CellFilter): Promise<CellValue[]> {
    if (runIds.length === 0) return [];
    let select = this.db
      .selectFrom('cells')
      .select(['run_id as runId', 'model', 'attack', 'value'])
      .where('run_id', 'in', runIds);
    for (const column of FILTERED) {
      const value = filter[column];
      if (value !== undefined) select = select.where(column, '=', value);
    }
    return select.execute();
  }

  /** The figures that an evaluation gave, in every run that it belongs to. */
  async ofEvaluation(evaluateStep: string): Promise<CellRecord[]> {
    const rows = await this.db
      .selectFrom('cells')
      .selectAll()
      .where('evaluate_step', '=', evaluateStep)
      .orderBy('rowid' as never)
      .execute();
    return rows.map(cellRecord);
  }

  private async select(runIds: readonly string[], filter: CellFilter): Promise<CellRecord[]> {
    let select = this.db
      .selectFrom('cells')
      .leftJoin('run_steps', (join) =>
        join.onRef('run_steps.run_id', '=', 'cells.run_id').onRef('run_steps.key', '=', 'cells.evaluate_step'),
      )
      .selectAll('cells')
      .where('cells.run_id', 'in', runIds);
    for (const column of FILTERED) {
      const value = filter[column];
      if (value !== undefined) select = select.where(`cells.${column}`, '=', value);
    }
    const rows = await select
      .orderBy('run_steps.position', (order) => order.asc().nullsFirst())
      .orderBy('cells.rowid' as never)
      .execute();
    return rows.map(cellRecord);
  }
}

/** Brings what the list of runs shows of a run's models up to date. */
async function summarise(transaction: Transaction<StoreSchema>, runId: string): Promise<void> {
  const rows = await transaction
    .selectFrom('cells')
    .select('model')
    .where('run_id', '=', runId)
    .groupBy('model')
    .orderBy((e) => e.fn.min('rowid' as never))
    .execute();
  await transaction
    .updateTable('runs')
    .set({ models: JSON.stringify(rows.map((row) => row.model)) })
    .where('id', '=', runId)
    .execute();
}

function cellRow(cell: CellRecord): NewRow<'cells'> {
  return {
    run_id: cell.runId,
    seed: cell.seed,
    model: cell.model,
    attack: cell.attack,
    mode: cell.mode,
    metric: cell.metric,
    unit: cell.unit,
    value: cell.value,
    low: cell.low,
    high: cell.high,
    count: cell.count,
    attack_step: cell.attackStep ?? null,
    evaluate_step: cell.evaluateStep,
  };
}

function cellRecord(row: Row<'cells'>): CellRecord {
  return {
    runId: row.run_id,
    seed: row.seed,
    model: row.model,
    attack: row.attack,
    mode: row.mode as CellMode,
    metric: row.metric,
    unit: row.unit,
    value: row.value,
    low: row.low,
    high: row.high,
    count: row.count,
    attackStep: row.attack_step ?? undefined,
    evaluateStep: row.evaluate_step,
  };
}
