import { type RawBuilder, sql } from 'kysely';

/**
 * Writes what the attacked instances say of how models stand up to attacks: of each model the worst case over the run's
 * attacks, instance by instance, however far an attack went.
 * @param of of one run and model; of all without it
 */
export function standingsOfInstances(of?: { readonly runId: string; readonly model: string }): RawBuilder<unknown> {
  const own = of ? sql`and run_id = ${of.runId} and model = ${of.model}` : sql``;
  return sql`
    insert or replace into standings
      (run_id, model, mode, threat, seed, position, attacks, attacked, attackable, evaded, unmoved)
    select run_id, model, mode, '', seed, ${LAST}, (
        select json_group_array(attack) from (
          select distinct attack from cells
          where run_id = worst.run_id and model = worst.model and mode = worst.mode and attack <> 'worst-case'
          order by attack
        )
      ), count(*), sum(known), sum(known and fell), sum(known and not moved)
    from (
      select run_id, model, mode, seed, test_index,
        min(outcome <> 2) as known, max(outcome = 1 or remedied.position is not null) as fell,
        max(outcome <> 3 or remedied.position is not null) as moved
      from (
        select distinct run_id, model, mode, seed, evaluate_step from cells where mode <> 'clean' ${own}
      ) as evaluations
      join steps on steps.key = evaluate_step
      join instances on instances.step_id = steps.id
      left join (
        select distinct run_id, model, seed, json_extract(findings.value, '$.mode') as mode, one.value as position
        from findings, json_each(findings.value, '$.remedied') as one
      ) as remedied using (run_id, model, mode, seed, position)
      group by run_id, model, mode, seed, test_index
    ) as worst
    group by run_id, model, mode, seed`;
}

/**
 * Writes what the records of robustness say of how models stand up to the run's threats.
 * @param runId of one run; of all without it
 */
export function standingsOfThreats(runId?: string): RawBuilder<unknown> {
  const own = runId === undefined ? sql`` : sql`where run_id = ${runId}`;
  return sql`
    insert or replace into standings
      (run_id, model, mode, threat, seed, position, attacks, attacked, attackable, evaded, unmoved)
    select run_id, model, mode, threat, seed, position, (
        select json_group_array(attack) from (
          select json_extract(attack.value, '$.attack') as attack from json_each(robustness.value, '$.attacks') as attack
          where json_array_length(attack.value, '$.attackSteps') > 0
          order by attack
        )
      ),
      json_extract(value, '$.attacked'), json_extract(value, '$.attackable'),
      max(0, min(json_extract(value, '$.attackable'),
        round((json_extract(value, '$.cleanAccuracy') - json_extract(value, '$.robustAccuracy'))
          * json_extract(value, '$.instances')))),
      length(coalesce(json_extract(value, '$.outcomes'), ''))
        - length(replace(coalesce(json_extract(value, '$.outcomes'), ''), '3', ''))
    from robustness ${own}`;
}

/** What holds whatever the distance comes after the run's threats. */
const LAST = sql.lit(2 ** 31 - 1);
