import { RampartError } from '@rampart/core';
import type { Kysely } from 'kysely';

import { fromJson } from './from-json';
import type { RobustnessCurveRecord, RobustnessRecord } from './records';
import type { StoreSchema } from './schema';
import { writeStandingsOfThreats } from './standing-sql';
import { transact } from './transact';

/** How the models of runs withstand threats. */
export class RobustnessStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /**
   * Writes figures, all or nothing; what is there already is replaced, so that a resumed run may write it again.
   * @param position the place of the first in the run's plan: what is read comes in this order
   * @throws RampartError `contract` when a figure is not finite
   */
  async put(
    records: readonly RobustnessRecord[],
    curves: readonly RobustnessCurveRecord[],
    position: number,
  ): Promise<void> {
    for (const { model, threat, robustAccuracy, low, high } of records) {
      if ([robustAccuracy, low, high].every(Number.isFinite)) continue;
      throw new RampartError({
        code: 'contract',
        message: `The robust accuracy of ${model} under ${threat} is not finite: ${robustAccuracy} [${low}, ${high}].`,
      });
    }
    await transact(this.db, async (transaction) => {
      for (const [index, record] of records.entries()) {
        const { runId, model, mode, threat, seed } = record;
        const value = JSON.stringify(record);
        await transaction
          .insertInto('robustness')
          .values({ run_id: runId, model, mode, threat, seed, position: position + index, value })
          .onConflict((conflict) =>
            conflict
              .columns(['run_id', 'model', 'mode', 'threat', 'seed'])
              .doUpdateSet((e) => ({ value: e.ref('excluded.value'), position: e.ref('excluded.position') })),
          )
          .execute();
      }
      for (const runId of new Set(records.map((record) => record.runId))) {
        await writeStandingsOfThreats(transaction, runId);
      }
      for (const [index, record] of curves.entries()) {
        const { runId, model, mode, norm, attack, seed } = record;
        const value = JSON.stringify(record);
        await transaction
          .insertInto('robustness_curves')
          .values({
            run_id: runId,
            model,
            mode,
            series: `${norm} ${attack}`,
            seed,
            position: position + index,
            value,
          })
          .onConflict((conflict) =>
            conflict
              .columns(['run_id', 'model', 'mode', 'series', 'seed'])
              .doUpdateSet((e) => ({ value: e.ref('excluded.value'), position: e.ref('excluded.position') })),
          )
          .execute();
      }
    });
  }

  /** In the order of the run's plan. */
  async ofRun(runId: string): Promise<RobustnessRecord[]> {
    return this.ofRuns([runId]);
  }

  /** By run, each in the order of its plan. */
  async ofRuns(runIds: readonly string[]): Promise<RobustnessRecord[]> {
    if (runIds.length === 0) return [];
    const rows = await this.db
      .selectFrom('robustness')
      .select('value')
      .where('run_id', 'in', runIds)
      .orderBy('run_id')
      .orderBy('position')
      .execute();
    return rows.map(({ value }) => fromJson<RobustnessRecord>(value, 'robustness.value'));
  }

  /** In the order of the run's plan. */
  async curvesOfRun(runId: string): Promise<RobustnessCurveRecord[]> {
    const rows = await this.db
      .selectFrom('robustness_curves')
      .select('value')
      .where('run_id', '=', runId)
      .orderBy('position')
      .execute();
    return rows.map(({ value }) => fromJson<RobustnessCurveRecord>(value, 'robustness.value'));
  }

  /** Of the worst case over all attacks, in one norm and mode: of these runs, in the order of their plans. */
  async worstCaseCurves(
    runIds: readonly string[],
    norm: RobustnessCurveRecord['norm'],
    mode: RobustnessCurveRecord['mode'],
  ): Promise<RobustnessCurveRecord[]> {
    if (runIds.length === 0) return [];
    const rows = await this.db
      .selectFrom('robustness_curves')
      .select('value')
      .where('run_id', 'in', runIds)
      .where('series', '=', `${norm} worst-case`)
      .where('mode', '=', mode)
      .orderBy('run_id')
      .orderBy('position')
      .execute();
    return rows.map(({ value }) => fromJson<RobustnessCurveRecord>(value, 'robustness.value'));
  }
}
