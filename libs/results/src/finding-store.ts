import type { Kysely } from 'kysely';

import { fromJson } from './from-json';
import type { FindingRecord } from './records';
import type { StoreSchema } from './schema';
import { writeStandingsOfInstances } from './standing-sql';
import { transact } from './transact';

/** What makes the figures of runs doubtful. */
export class FindingStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /**
   * Writes the findings of one audit step about one model, all or nothing; those that are there already are replaced,
   * so that a resumed run may write them again.
   * @param position the place of the step in the run's plan: what is read comes in this order
   */
  async put(
    place: Pick<FindingRecord, 'runId' | 'step' | 'model' | 'seed'>,
    records: readonly FindingRecord[],
    position: number,
  ): Promise<void> {
    const { runId, step, model, seed } = place;
    await transact(this.db, async (transaction) => {
      await transaction
        .deleteFrom('findings')
        .where('run_id', '=', runId)
        .where('step', '=', step)
        .where('model', '=', model)
        .where('seed', '=', seed)
        .execute();
      for (const [index, record] of records.entries()) {
        const value = JSON.stringify(record);
        await transaction
          .insertInto('findings')
          .values({ run_id: runId, step, model, seed, place: index, position, value })
          .execute();
      }
      // What remedies broke counts among what fell.
      if (records.some(({ remedied }) => remedied)) await writeStandingsOfInstances(transaction, { runId, model });
    });
  }

  /** In the order of the run's plan. */
  ofRun(runId: string): Promise<FindingRecord[]> {
    return this.ofRuns([runId]);
  }

  /** By run, each in the order of its plan. */
  async ofRuns(runIds: readonly string[]): Promise<FindingRecord[]> {
    if (runIds.length === 0) return [];
    const rows = await this.db
      .selectFrom('findings')
      .select('value')
      .where('run_id', 'in', runIds)
      .orderBy('run_id')
      .orderBy('position')
      .orderBy('place')
      .execute();
    return rows.map(({ value }) => fromJson<FindingRecord>(value, 'findings.value'));
  }
}
