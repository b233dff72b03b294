import { type Kysely, type RawBuilder, sql } from 'kysely';

import { fromJson } from './from-json';
import type { StandingRecord } from './records';
import type { Row, StoreSchema } from './schema';

/** How the models of runs stand up to attacks, in the worst case over them: what lists of runs show and sort by. */
export class StandingStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /** By run: those under its threats in the order of its plan, then those whatever the distance. */
  async ofRuns(runIds: readonly string[]): Promise<StandingRecord[]> {
    if (runIds.length === 0) return [];
    const rows = await this.db
      .selectFrom('standings')
      .selectAll()
      .select(UNDEFENDED.as('undefended'))
      .where('run_id', 'in', runIds)
      .orderBy('run_id')
      .orderBy('position')
      .orderBy('rowid' as never)
      .execute();
    return rows.map(standingRecord);
  }
}

/** Whether a model of `standings` was trained as it is, without a defense; unknown of a file that somebody brought. */
const UNDEFENDED = sql<number>`case when exists (
  select 1 from models join steps on steps.key = models.step
  where models.run_id = standings.run_id and models.label = standings.model and steps.kind = 'train'
) then 1 else 0 end`;

/** The share of the attackable instances that evaded, over seeds. */
const EVADED = sql<number>`avg(cast(evaded as double precision) / attackable)`;

/** What a run is ranked by: of its first threat, white-box before transfer, defenses before what is undefended. */
function ofBest(what: RawBuilder<unknown>) {
  return sql`(
    select ${what} from standings
    where run_id = runs.id and attackable > 0 and attacks <> '[]' and threat = (
      select threat from standings where run_id = runs.id order by position limit 1
    )
    group by run_id, mode, model
    order by mode, ${UNDEFENDED}, ${EVADED}, min(rowid) limit 1
  )`;
}

/** The share of the attackable instances that the run's best defense withstands every attack on. */
export const ROBUST_ACCURACY = ofBest(sql`1 - ${EVADED}`);

/** Runs are ranked only beside those of the same threat, way of making examples, and attacks. */
export const RANKED_AMONG = ofBest(sql`min(threat) || ' ' || mode || ' ' || min(attacks)`);

function standingRecord(row: Row<'standings'> & { readonly undefended: number }): StandingRecord {
  return {
    runId: row.run_id,
    model: row.model,
    mode: row.mode as StandingRecord['mode'],
    threat: row.threat === '' ? undefined : row.threat,
    seed: row.seed,
    attacks: fromJson<string[]>(row.attacks, 'standings.attacks'),
    attacked: row.attacked,
    attackable: row.attackable,
    evaded: row.evaded,
    unmoved: row.unmoved,
    undefended: row.undefended === 1,
  };
}
