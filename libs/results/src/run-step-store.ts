import type { Kysely } from 'kysely';

import { fromJson } from './from-json';
import { insertAll } from './insert-all';
import type { RunStepCell, RunStepRecord } from './records';
import type { StoreSchema } from './schema';
import { transact } from './transact';

/** A step of a plan as a run has it now. */
export interface RunStepState extends RunStepRecord {
  /** Undefined while it is not finished. */
  readonly finishedAt: number | undefined;
  /** What it took, in whichever run computed it. */
  readonly seconds: number | undefined;
}

/** Which steps belong to which run. A step that no run has any more is deleted with its last run. */
export class RunStepStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /** Replaces the plan of a run. To be written before the first step is begun. */
  async put(runId: string, steps: readonly RunStepRecord[]): Promise<void> {
    await transact(this.db, async (transaction) => {
      await transaction.deleteFrom('run_steps').where('run_id', '=', runId).execute();
      await insertAll(
        transaction,
        'run_steps',
        steps.map(({ key, kind, label, position, cells, needs }) => ({
          ...{ run_id: runId, key, kind, label, position },
          cells: cells === undefined ? null : JSON.stringify(cells),
          needs: needs === undefined ? null : JSON.stringify(needs),
        })),
      );
    });
  }

  /** In order of position. */
  async ofRun(runId: string): Promise<RunStepState[]> {
    const rows = await this.db
      .selectFrom('run_steps')
      .leftJoin('steps', 'steps.key', 'run_steps.key')
      .select(['run_steps.key', 'run_steps.kind', 'run_steps.label', 'position', 'finished_at', 'seconds'])
      .select(['cells', 'needs'])
      .where('run_id', '=', runId)
      .orderBy('position')
      .execute();
    return rows.map((row) => ({
      key: row.key,
      kind: row.kind,
      label: row.label,
      position: row.position,
      finishedAt: row.finished_at ?? undefined,
      seconds: row.seconds ?? undefined,
      cells: row.cells === null ? undefined : fromJson<RunStepCell[]>(row.cells, 'run_steps.cells'),
      needs: row.needs === null ? undefined : fromJson<number[]>(row.needs, 'run_steps.needs'),
    }));
  }
}
