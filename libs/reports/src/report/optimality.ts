import { WORST_CASE } from './attack-labels';
import type { RobustnessPoint } from './robustness-diagrams';
import { isMinimumNorm, type ReportedCurve, type ReportedRobustness } from './robustness';
import { groupBy } from './group-by';
import { figure, type SeedFigure, type ThreatAttack, type ThreatTable } from './threat-tables';

/** How near one attack comes to what all attacks of its norm find together. */
export interface AttackOptimality {
  readonly attack: string;
  /** From 0, which is no attack, to 1: no other attack found a nearer example of any instance. */
  readonly optimality: SeedFigure;
  /** Fraction of the attackable instances that it found an example of, however far away. */
  readonly success: SeedFigure;
  readonly distance: SeedFigure | undefined;
  readonly gradients: SeedFigure;
  readonly forwards: SeedFigure;
  readonly seconds: SeedFigure | undefined;
}

/** The attacks of a norm that look for nearest examples of one model's instances, the best first. */
export interface OptimalityTable {
  readonly model: string;
  readonly norm: ReportedCurve['norm'];
  readonly attacks: readonly AttackOptimality[];
}

/** With fewer attacks, the best of them says little. */
const ENOUGH = 3;

/**
 * Ranks the attacks of each norm that has at least three that look for nearest examples, made against the model
 * itself. Means over the seeds.
 */
export function optimalityTables(
  robustness: readonly ReportedRobustness[],
  curves: readonly ReportedCurve[],
  tables: readonly ThreatTable[],
): OptimalityTable[] {
  const adaptive = curves.filter(({ mode }) => mode === 'adaptive');
  return groupBy(adaptive, ({ norm, model }) => `${norm} ${model}`).flatMap((own) => {
    const { norm, model } = own[0]!;
    const names = [...new Set(own.map(({ attack }) => attack))].filter(
      (attack) => attack !== WORST_CASE && isMinimumNorm(attack),
    );
    if (names.length < ENOUGH) return [];
    const costs = tables
      .find((table) => table.norm === norm && table.mode === 'adaptive')
      ?.models.find((row) => row.model === model)?.attacks;
    const attacks = names.flatMap((attack): AttackOptimality[] => {
      const cost = costs?.find((row) => row.attack === attack);
      const seeds = own.filter((curve) => curve.attack === attack);
      return cost ? [{ attack, ...figuresOf(seeds, own, robustness), ...costOf(cost) }] : [];
    });
    return [{ model, norm, attacks: attacks.sort((a, b) => b.optimality.value - a.optimality.value) }];
  });
}

function figuresOf(
  seeds: readonly ReportedCurve[],
  all: readonly ReportedCurve[],
  robustness: readonly ReportedRobustness[],
): Pick<AttackOptimality, 'optimality' | 'success'> {
  const of = seeds.map(({ seed, model, norm, mode, points, instances }) => {
    const best = all.find((curve) => curve.attack === WORST_CASE && curve.seed === seed)!;
    const place = robustness.find(
      (one) => one.seed === seed && one.model === model && one.norm === norm && one.mode === mode,
    );
    const evaded = (points[0]![1] - points.at(-1)![1]) * instances;
    return {
      optimality: optimality(points, best.points),
      success: Math.round(evaded) / Math.max(1, place?.attackable ?? 1),
    };
  });
  return {
    optimality: figure(of.map((one) => ({ value: one.optimality }))),
    success: figure(of.map((one) => ({ value: one.success }))),
  };
}

function costOf({ distance, gradients, forwards, seconds }: ThreatAttack) {
  return { distance, gradients, forwards, seconds };
}

/**
 * The local optimality of an attack (Cinà, Rony, Pintor, Demetrio, Demontis, Biggio, Ben Ayed, Roli 2025,
 * "AttackBench: Evaluating gradient-based attacks for adversarial examples"): 1 - (A - A*) / (A0 - A*), where A is the
 * area under the attack's robust accuracy against epsilon, A* that under the best known, A0 that under no attack at
 * all, each from 0 to the epsilon at which the best known has fallen as far as it does. 1 where nothing is to be found.
 */
export function optimality(attack: readonly RobustnessPoint[], best: readonly RobustnessPoint[]): number {
  const end = best.at(-1)![0];
  const bestArea = areaUpTo(best, end);
  const room = best[0]![1] * end - bestArea;
  if (room <= 0) return 1;
  // Curves of many points are thinned out, each by itself: that alone may put an attack before the best.
  return Math.min(1, Math.max(0, 1 - (areaUpTo(attack, end) - bestArea) / room));
}

/** The area under a staircase, from 0 to an epsilon. */
export function areaUpTo(points: readonly RobustnessPoint[], end: number): number {
  return points.reduce((area, [from, value], index) => {
    const to = Math.min(points[index + 1]?.[0] ?? end, end);
    return to > from ? area + value * (to - from) : area;
  }, 0);
}
