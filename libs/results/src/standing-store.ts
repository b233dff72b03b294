import { type Kysely, type RawBuilder, sql } from 'kysely';

import { fromJson } from './from-json';
import type { StandingRecord } from './records';
import type { Row, StoreSchema } from './schema';

/** How the models of runs stand up to attacks, in the worst case over them: what lists of runs show and sort by. */
export class StandingStore {
  constructor(private readonly db: Kysely<StoreSchema>) {}

  /** By run: those under its threats in the order of its plan, then those whatever the distance; of one mode or both. */
  async ofRuns(runIds: readonly string[], mode?: StandingRecord['mode']): Promise<StandingRecord[]> {
    if (runIds.length === 0) return [];
    let select = this.db
      .selectFrom('standings')
      .selectAll()
      .select(undefended(sql`standings`).as('undefended'))
      .where('run_id', 'in', runIds);
    if (mode !== undefined) select = select.where('mode', '=', mode);
    const rows = await select
      .orderBy('run_id')
      .orderBy('position')
      .orderBy('rowid' as never)
      .execute();
    return rows.map(standingRecord);
  }

  /** By run and threat, in the order of `ofRuns`, how many figures of a mode there are: 0 where all are of the other. */
  async counts(runIds: readonly string[], mode: StandingRecord['mode']): Promise<StandingCount[]> {
    if (runIds.length === 0) return [];
    const figures = sql<number>`sum(case when mode = ${mode} and ${hasFigure} then 1 else 0 end)`;
    const rows = await this.db
      .selectFrom('standings')
      .select(['run_id', 'threat', figures.as('figures')])
      .where('run_id', 'in', runIds)
      .groupBy(['run_id', 'threat'])
      .orderBy('run_id')
      .orderBy((e) => e.fn.min('position'))
      .execute();
    return rows.map(({ run_id, threat, figures }) => ({
      ...{ runId: run_id, threat: threat === '' ? undefined : threat, figures: Number(figures) },
    }));
  }
}

export interface StandingCount extends Pick<StandingRecord, 'runId' | 'threat'> {
  readonly figures: number;
}

/** Whether there is anything to rank: an attack, and what could be attacked. */
const hasFigure = sql<boolean>`attackable > 0 and attacks <> '[]'`;

/** Whether a model of `of` was trained as it is, without a defense; unknown of a file that somebody brought. */
function undefended(of: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`case when exists (
    select 1 from models join steps on steps.key = models.step
    where models.run_id = ${of}.run_id and models.label = ${of}.model and steps.kind = 'train'
  ) then 1 else 0 end`;
}

/** The share of the attackable instances that evaded, over seeds. */
const EVADED = sql`avg(cast(evaded as double precision) / attackable)`;

/**
 * By run, what it is ranked by: the share of the attackable instances that its best defense withstands every attack on,
 * of its first threat, white-box before transfer, defenses before what is undefended. `among` is of whom: runs are
 * ranked only beside those of the same threat, way of making examples, and attacks.
 */
export const RANKED = sql<{ readonly ranked_run: string; readonly robust_accuracy: number; readonly among: string }>`(
  select run_id as ranked_run, 1 - evaded_share as robust_accuracy, threat || ' ' || mode || ' ' || attacks as among
  from (
    select run_id, threat, mode, min(attacks) as attacks, ${EVADED} as evaded_share,
      row_number() over (
        partition by run_id order by mode, ${undefended(sql`judged`)}, ${EVADED}, min(entry)
      ) as place
    from (
      select run_id, model, mode, threat, attacks, attackable, evaded, rowid as entry,
        first_value(threat) over (partition by run_id order by position) as first_threat
      from standings
    ) as judged
    where threat = first_threat and ${hasFigure}
    group by run_id, threat, mode, model
  ) as models_of_runs
  where place = 1
)`;

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
