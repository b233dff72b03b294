import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';

import { isPostgres, jsonSql } from './dialect';

/**
 * Writes what the attacked instances say of how models stand up to attacks: of each model the worst case over the run's
 * attacks, instance by instance, however far an attack went.
 * @param of of one run and model; of all without it
 */
export async function writeStandingsOfInstances(
  db: QueryExecutorProvider,
  of?: { readonly runId: string; readonly model: string },
): Promise<void> {
  const json = jsonSql(db);
  const own = of ? sql`and run_id = ${of.runId} and model = ${of.model}` : sql``;
  await upsert(sql`
    select run_id, model, mode, '', seed, ${LAST}, (
        select ${json.list('attack')} from (
          select distinct attack from cells
          where run_id = worst.run_id and model = worst.model and mode = worst.mode and attack <> 'worst-case'
          order by attack
        ) as attacks
      ), count(*), sum(known), sum(known * fell), sum(known * (1 - moved))
    from (
      select run_id, model, mode, seed, test_index,
        min(case when outcome <> 2 then 1 else 0 end) as known,
        max(case when outcome = 1 or remedied.position is not null then 1 else 0 end) as fell,
        max(case when outcome <> 3 or remedied.position is not null then 1 else 0 end) as moved
      from (
        select distinct run_id, model, mode, seed, evaluate_step from cells where mode in ('static', 'adaptive') ${own}
      ) as evaluations
      join steps on steps.key = evaluate_step
      join instances on instances.step_id = steps.id
      left join (
        select distinct run_id, model, seed, ${json.text('findings.value', 'mode')} as mode,
          cast(cast(one.value as text) as integer) as position
        from findings, ${json.entries('findings.value', 'remedied', 'one')}
      ) as remedied using (run_id, model, mode, seed, position)
      group by run_id, model, mode, seed, test_index
    ) as worst
    group by run_id, model, mode, seed
    order by run_id, model, mode, seed`).execute(db);
}

/**
 * Writes what the records of robustness say of how models stand up to the run's threats.
 * @param runId of one run; of all without it
 */
export async function writeStandingsOfThreats(db: QueryExecutorProvider, runId?: string): Promise<void> {
  const json = jsonSql(db);
  const own = runId === undefined ? sql`true` : sql`run_id = ${runId}`;
  const [least, most] = isPostgres(db) ? [sql`least`, sql`greatest`] : [sql`min`, sql`max`];
  const outcomes = sql`coalesce(${json.text('value', 'outcomes')}, '')`;
  await upsert(sql`
    select run_id, model, mode, threat, seed, position, (
        select ${json.list('attack')} from (
          select ${json.text('one.value', 'attack')} as attack from ${json.entries('robustness.value', 'attacks', 'one')}
          where ${json.length('one.value', 'attackSteps')} > 0
          order by attack
        ) as attacks
      ),
      ${json.number('value', 'attacked')}, ${json.number('value', 'attackable')},
      ${most}(0, ${least}(${json.number('value', 'attackable')},
        round((${json.number('value', 'cleanAccuracy')} - ${json.number('value', 'robustAccuracy')})
          * ${json.number('value', 'instances')}))),
      length(${outcomes}) - length(replace(${outcomes}, '3', ''))
    from robustness where ${own}
    order by run_id, position`).execute(db);
}

function upsert(select: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    insert into standings
      (run_id, model, mode, threat, seed, position, attacks, attacked, attackable, evaded, unmoved)
    select * from (${select}) as found where true
    on conflict (run_id, model, mode, threat, seed) do update set
      position = excluded.position, attacks = excluded.attacks, attacked = excluded.attacked,
      attackable = excluded.attackable, evaded = excluded.evaded, unmoved = excluded.unmoved`;
}

/** What holds whatever the distance comes after the run's threats. */
const LAST = sql.lit(2 ** 31 - 1);
