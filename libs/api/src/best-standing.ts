import { wilson } from '@rampart/core';
import { FALLEN, type Measured, overSeeds } from '@rampart/reports';
import { type StandingRecord } from '@rampart/results';

/** What a list says of a run: how its best defense stands up to the attacks, over what could be attacked. */
export interface BestStanding {
  readonly model: string;
  /** Where the run has no defense: nothing that is "best". */
  readonly undefended: boolean;
  /** Whether every model of the run falls, so that none is better than another. */
  readonly everyFalls: boolean;
  readonly models: number;
  readonly mode: StandingRecord['mode'];
  /** The first of the run's threats; undefined for whatever the attacks found. */
  readonly threat: string | undefined;
  /** How many threats more the run has. */
  readonly furtherThreats: number;
  readonly attacks: readonly string[];
  /** In the worst case over the attacks, instance by instance. */
  readonly robustAccuracy: Measured;
  readonly attackable: number;
}

/**
 * Attacks on the models themselves count where there are any, and models without a defense where there are no others.
 * Undefined without records, and where no attack answers the first threat. `RunStore.list` sorts by the same figure.
 * @param records a run's, as `StandingStore.ofRuns` gives them
 */
export function bestStanding(records: readonly StandingRecord[]): BestStanding | undefined {
  const [first] = records;
  if (!first) return undefined;
  const { threat } = first;
  const judged = records.filter((one) => one.threat === threat && one.attacks.length > 0 && one.attackable > 0);
  const mode = judged.some((one) => one.mode === 'adaptive') ? 'adaptive' : 'static';
  const own = judged.filter((one) => one.mode === mode);
  const models = [...new Set(own.map(({ model }) => model))].map((model) => {
    const seeds = own.filter((one) => one.model === model);
    const { undefended, attackable, attacks } = seeds[0]!;
    return { model, undefended, attackable, attacks, robustAccuracy: overSeeds(seeds.map(robustShare))! };
  });
  const [best] = models.toSorted(
    (a, b) => Number(a.undefended) - Number(b.undefended) || b.robustAccuracy.value - a.robustAccuracy.value,
  );
  if (!best) return undefined;
  const threats = new Set(records.flatMap((one) => one.threat ?? []));
  return {
    ...best,
    everyFalls: models.every(({ robustAccuracy }) => robustAccuracy.value <= 1 - FALLEN),
    models: models.length,
    mode,
    threat,
    furtherThreats: Math.max(0, threats.size - 1),
  };
}

/** What is ranked only beside its like: the same dataset, threat, way of making examples, and attacks. */
export function rankedAmong(dataset: string, { threat, mode, attacks }: BestStanding): string {
  return JSON.stringify([dataset, threat, mode, attacks]);
}

function robustShare({ attackable, evaded }: StandingRecord) {
  return { ...wilson(attackable - evaded, attackable)!, unit: 'fraction' };
}
