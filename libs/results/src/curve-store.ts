import type { Kysely } from 'kysely';

import { lastOf } from './last-of';
import type { CurveRecord } from './records';
import type { StoreSchema } from './schema';
import { transact } from './transact';

const BATCH = 500;

/** The points of diagrams. */
export class CurveStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /** Writes points, all or nothing; one at the same x of the same series is replaced. */
  async put(all: readonly CurveRecord[]): Promise<void> {
    const points = lastOf(all, ['runId', 'diagram', 'model', 'series', 'seed', 'x']);
    await transact(this.db, async (transaction) => {
      for (let start = 0; start < points.length; start += BATCH) {
        await transaction
          .insertInto('curves')
          .values(
            points.slice(start, start + BATCH).map((point) => ({
              run_id: point.runId,
              seed: point.seed,
              diagram: point.diagram,
              model: point.model,
              series: point.series,
              x: point.x,
              y: point.y,
            })),
          )
          .onConflict((conflict) =>
            conflict
              .columns(['run_id', 'diagram', 'model', 'series', 'seed', 'x'])
              .doUpdateSet((e) => ({ y: e.ref('excluded.y') })),
          )
          .execute();
      }
    });
  }

  /** In order of diagram, model, series, seed and x. */
  async ofRun(runId: string, diagram?: string): Promise<CurveRecord[]> {
    let select = this.db.selectFrom('curves').selectAll().where('run_id', '=', runId);
    if (diagram !== undefined) select = select.where('diagram', '=', diagram);
    const rows = await select
      .orderBy('diagram')
      .orderBy('model')
      .orderBy('series')
      .orderBy('seed')
      .orderBy('x')
      .execute();
    return rows.map((row) => ({
      runId: row.run_id,
      seed: row.seed,
      diagram: row.diagram,
      model: row.model,
      series: row.series,
      x: row.x,
      y: row.y,
    }));
  }
}
