import { RampartError } from '@rampart/core';
import type { Kysely } from 'kysely';

import { fromJson } from './from-json';
import type { CertificateRecord } from './records';
import type { StoreSchema } from './schema';

/** What is certain of the models of runs, whatever the attack. */
export class CertificateStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /**
   * Writes what is certain of a model; what is there already is replaced, also where it rests on fewer samples.
   * @param position the place of the model in the run's plan: what is read comes in this order
   * @throws RampartError `contract` when a point of a curve is not finite
   */
  async put(record: CertificateRecord, position: number): Promise<void> {
    const { runId, model, seed } = record;
    if (![...record.curve, ...record.attackableCurve].flat().every(Number.isFinite)) {
      throw new RampartError({ code: 'contract', message: `The certified accuracy of ${model} is not finite.` });
    }
    const value = JSON.stringify(record);
    await this.db
      .insertInto('certificates')
      .values({ run_id: runId, model, seed, position, value })
      .onConflict((conflict) =>
        conflict
          .columns(['run_id', 'model', 'seed'])
          .doUpdateSet((e) => ({ value: e.ref('excluded.value'), position: e.ref('excluded.position') })),
      )
      .execute();
  }

  /** In the order of the run's plan. */
  ofRun(runId: string): Promise<CertificateRecord[]> {
    return this.ofRuns([runId]);
  }

  /** By run, each in the order of its plan. */
  async ofRuns(runIds: readonly string[]): Promise<CertificateRecord[]> {
    if (runIds.length === 0) return [];
    const rows = await this.db
      .selectFrom('certificates')
      .select('value')
      .where('run_id', 'in', runIds)
      .orderBy('run_id')
      .orderBy('position')
      .execute();
    return rows.map(({ value }) => fromJson<CertificateRecord>(value, 'certificates.value'));
  }
}
