import { wilson } from '@rampart/core';

import { certifiedAccuracy, ofSameInstances, type ReportedCertificate } from './certificates';
import { groupBy } from './group-by';
import { overSeeds } from './over-seeds';
import { componentOf, isMinimumNorm, type ReportedAttack, type ReportedRobustness } from './robustness';

/** A figure over the seeds of a run. */
export interface SeedFigure {
  /** Mean over the seeds. */
  readonly value: number;
  /** Bounds of the 95% confidence interval; undefined for one seed where its figure comes without. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Standard deviation over the seeds; undefined for one. */
  readonly deviation: number | undefined;
  readonly seeds: number;
}

/** What one attack, or one component of an ensemble, does to a model. */
export interface ThreatAttack {
  /** Its label: `apgd(epsilon=8/255)`, `autoattack(epsilon=8/255): apgd-ce`. */
  readonly attack: string;
  /** `apgd-ce`; undefined for an attack by itself. */
  readonly component: string | undefined;
  /** Under it alone; of a component under its ensemble up to there. */
  readonly robustAccuracy: SeedFigure;
  /** Under it and all attacks before it; undefined for a component. */
  readonly cumulative: SeedFigure | undefined;
  /** Fraction of the attackable instances that evade within the threat. */
  readonly success: SeedFigure;
  /** Median over the attackable instances; undefined for attacks with a budget and where half of them resist. */
  readonly distance: SeedFigure | undefined;
  /** Means over the attacked instances. */
  readonly gradients: SeedFigure;
  readonly forwards: SeedFigure;
  readonly seconds: SeedFigure | undefined;
}

/** How one model withstands a threat. */
export interface ThreatModel {
  readonly model: string;
  readonly cleanAccuracy: SeedFigure;
  /** The worst case over all attacks, instance by instance. */
  readonly robustAccuracy: SeedFigure;
  /** What is right under the threat whatever the attack, of the instances that were certified; undefined where nobody knows. */
  readonly certified: SeedFigure | undefined;
  readonly success: SeedFigure;
  /** Of the test set, and how many of them are attackable: the fewest and the most over the seeds. */
  readonly instances: number;
  readonly attackable: readonly [fewest: number, most: number];
  readonly attacks: readonly ThreatAttack[];
  /** False where an open finding of severity `high` about any of the seeds leaves the figure standing on nothing. */
  readonly established: boolean;
  readonly notes: readonly string[];
}

/** Models against the attacks that fill one threat. */
export interface ThreatTable {
  readonly threat: string;
  readonly norm: ReportedRobustness['norm'];
  readonly epsilon: number;
  readonly mode: ReportedRobustness['mode'];
  readonly models: readonly ThreatModel[];
}

/**
 * A table for each threat, those of attacks on the model itself first; several seeds are one figure.
 * @param repeated models that every seed measures alike: there is no deviation to tell of
 * @param certificates what is certain of them
 */
export function threatTables(
  robustness: readonly ReportedRobustness[],
  repeated: ReadonlySet<string> = new Set(),
  certificates: readonly ReportedCertificate[] = [],
): ThreatTable[] {
  const modelOf = (seeds: readonly ReportedRobustness[]) => {
    const model = threatModel(seeds, certificates);
    return repeated.has(model.model) ? withoutDeviation(model) : model;
  };
  const modes = (['adaptive', 'static'] as const).map((mode) => robustness.filter((one) => one.mode === mode));
  return modes.flatMap((ofMode) =>
    groupBy(ofMode, ({ threat }) => threat).map((ofThreat) => {
      const { threat, norm, epsilon, mode } = ofThreat[0]!;
      return { threat, norm, epsilon, mode, models: groupBy(ofThreat, ({ model }) => model).map(modelOf) };
    }),
  );
}

function withoutDeviation(model: ThreatModel): ThreatModel {
  const bare = (figure: SeedFigure): SeedFigure => ({ ...figure, deviation: undefined });
  return {
    ...model,
    cleanAccuracy: bare(model.cleanAccuracy),
    robustAccuracy: bare(model.robustAccuracy),
    certified: model.certified && bare(model.certified),
    success: bare(model.success),
    attacks: model.attacks.map((attack) => ({
      ...attack,
      robustAccuracy: bare(attack.robustAccuracy),
      cumulative: attack.cumulative && bare(attack.cumulative),
      success: bare(attack.success),
      distance: attack.distance && bare(attack.distance),
    })),
  };
}

/** @param seeds one model's, at least one */
function threatModel(seeds: readonly ReportedRobustness[], certificates: readonly ReportedCertificate[]): ThreatModel {
  const [{ model, mode, instances, attacks, norm, epsilon }] = seeds as [ReportedRobustness];
  const attackable = seeds.map((seed) => seed.attackable);
  return {
    model,
    instances,
    attackable: [Math.min(...attackable), Math.max(...attackable)],
    cleanAccuracy: figure(seeds.map((seed) => ({ value: seed.cleanAccuracy }))),
    robustAccuracy: figure(seeds.map(({ robustAccuracy, low, high }) => ({ value: robustAccuracy, low, high }))),
    certified: certifiedAccuracy(ofSameInstances(certificates, { model, instances }), { norm, epsilon }, 'instances'),
    success: figure(seeds.map(successOf)),
    attacks: groupBy(
      seeds.flatMap(({ attacks }) => attacks),
      ({ attack }) => attack,
    )
      .map((ofAttack) => threatAttack(ofAttack, componentOf(ofAttack[0]!.attack, attacks)))
      // What components did to the undefended model says nothing of another that the examples are replayed on.
      .filter(({ component }) => mode === 'adaptive' || component === undefined),
    established: seeds.every(({ established }) => established),
    notes: [...new Set(seeds.flatMap(({ notes }) => notes))],
  };
}

/** Of all attacks together: what is left of the clean accuracy tells how many instances evaded. */
function successOf({ cleanAccuracy, robustAccuracy, instances, attackable }: ReportedRobustness): Observed {
  // A model that draws random numbers is judged by several draws: its accuracies are no counts.
  const evaded = Math.min(attackable, Math.max(0, Math.round((cleanAccuracy - robustAccuracy) * instances)));
  return wilson(evaded, attackable) ?? { value: 0 };
}

/** @param seeds of one attack, at least one */
function threatAttack(seeds: readonly ReportedAttack[], component: string | undefined): ThreatAttack {
  const { attack } = seeds[0]!;
  const whole = component === undefined;
  return {
    attack,
    component,
    robustAccuracy: figureOf(seeds, 'robustAccuracy')!,
    cumulative: whole ? figureOf(seeds, 'cumulativeRobustAccuracy') : undefined,
    success: figureOf(seeds, 'successRate')!,
    distance: whole && isMinimumNorm(attack) ? figureOf(seeds, 'medianDistance', 'distance') : undefined,
    gradients: figureOf(seeds, 'gradientEvaluations', 'evaluations')!,
    forwards: figureOf(seeds, 'forwardEvaluations', 'evaluations')!,
    seconds: figureOf(seeds, 'seconds', 'seconds'),
  };
}

/** Undefined where a seed has no such figure. */
function figureOf<Key extends string>(
  seeds: readonly Readonly<Record<Key, number | null>>[],
  key: Key,
  unit = 'fraction',
): SeedFigure | undefined {
  const values = seeds.flatMap((seed) => (seed[key] === null ? [] : [{ value: seed[key] }]));
  return values.length < seeds.length ? undefined : figure(values, unit);
}

interface Observed {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/**
 * Brings what was observed of one figure, once a seed, together as `overSeeds` does.
 * @param seeds at least one
 */
export function figure(seeds: readonly Observed[], unit = 'fraction'): SeedFigure {
  const measured = overSeeds(seeds.map(({ value, low = value, high = value }) => ({ value, low, high, unit })))!;
  const bare = seeds.length === 1 && seeds[0]!.low === undefined;
  return bare ? { ...measured, low: undefined, high: undefined } : measured;
}
