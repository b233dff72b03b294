import { certifiedStairs, ofSameInstances, type ReportedCertificate } from './certificates';
import { isMinimumNorm, type ReportedCurve } from './robustness';
import { WORST_CASE } from './attack-labels';
import { groupBy } from './group-by';
import { figure, type ThreatTable } from './threat-tables';

/** Robust accuracy from an epsilon up to that of the next point, with its 95% confidence interval. */
export type RobustnessPoint = readonly [epsilon: number, robustAccuracy: number, low: number, high: number];

/** Robust accuracy against epsilon, a falling staircase: the mean over the seeds. */
export interface RobustnessLine {
  /** An attack's label, or `worst-case` over all of them. */
  readonly attack: string;
  readonly points: readonly RobustnessPoint[];
}

/** An attack with a budget tells of one epsilon only. */
export interface RobustnessDot {
  readonly attack: string;
  readonly epsilon: number;
  readonly robustAccuracy: number;
}

/** How a model withstands perturbations of a norm, at every epsilon. */
export interface RobustnessPanel {
  readonly model: string;
  readonly worstCase: RobustnessLine;
  /** Of each attack that looks for nearest examples. */
  readonly attacks: readonly RobustnessLine[];
  readonly budgets: readonly RobustnessDot[];
  /** What is right whatever the attack; in l2, of a model that was certified. */
  readonly certified?: RobustnessLine;
}

/** Models under perturbations of one norm, with examples made in one way. */
export interface RobustnessDiagram {
  readonly norm: ReportedCurve['norm'];
  readonly mode: ReportedCurve['mode'];
  /** The epsilons of the run's threats in this norm. */
  readonly threats: readonly number[];
  readonly panels: readonly RobustnessPanel[];
}

/** What the line of certified accuracy is called. */
export const CERTIFIED = 'certified';

/** What rounding to float32 makes of a distance: an example this much farther away than epsilon still counts. */
const ROUNDING = 1e-6;

/**
 * The curves of a run, in the order of the threats' tables. Models and norms in which no attack looked for nearest
 * examples are left out: between the epsilons of the threats nothing is known of them.
 */
export function robustnessDiagrams(
  curves: readonly ReportedCurve[],
  tables: readonly ThreatTable[],
  certificates: readonly ReportedCertificate[] = [],
): RobustnessDiagram[] {
  return groupBy(tables, ({ norm, mode }) => `${mode} ${norm}`).flatMap((ofNorm) => {
    const { norm, mode } = ofNorm[0]!;
    const own = curves.filter((curve) => curve.norm === norm && curve.mode === mode);
    const models = [...new Set(ofNorm.flatMap((table) => table.models.map(({ model }) => model)))];
    const certain = norm === 'l2' ? certificates : [];
    const panels = models.flatMap((model) => panelOf(model, { curves: own, tables: ofNorm, certificates: certain }));
    return panels.length === 0 ? [] : [{ norm, mode, threats: ofNorm.map(({ epsilon }) => epsilon), panels }];
  });
}

function panelOf(
  model: string,
  {
    curves,
    tables,
    certificates,
  }: {
    readonly curves: readonly ReportedCurve[];
    readonly tables: readonly ThreatTable[];
    readonly certificates: readonly ReportedCertificate[];
  },
): RobustnessPanel | [] {
  const lines = groupBy(
    curves.filter((curve) => curve.model === model),
    ({ attack }) => attack,
  ).map(meanLine);
  const worstCase = lines.find(({ attack }) => attack === WORST_CASE);
  const attacks = lines.filter(({ attack }) => attack !== WORST_CASE && isMinimumNorm(attack));
  if (!worstCase || attacks.length === 0) return [];
  const budgets = tables.flatMap(({ epsilon, models }) =>
    models
      .filter((row) => row.model === model)
      .flatMap((row) => row.attacks)
      .filter(({ attack, component }) => component === undefined && !isMinimumNorm(attack))
      .map(({ attack, robustAccuracy }) => ({ attack, epsilon, robustAccuracy: robustAccuracy.value })),
  );
  const instances = curves.find((curve) => curve.model === model)!.instances;
  const certain = ofSameInstances(certificates, { model, instances });
  const certified = certain.map((one) => ({ attack: CERTIFIED, points: certifiedStairs(one) }));
  return { model, worstCase, attacks, budgets, ...(certified.length > 0 && { certified: meanLine(certified) }) };
}

/** The point that holds at an epsilon. */
export function pointAt(points: readonly RobustnessPoint[], epsilon: number): RobustnessPoint {
  return points.findLast(([from]) => from <= epsilon + ROUNDING) ?? points[0]!;
}

/** @param seeds one line's, at least one */
function meanLine(seeds: readonly RobustnessLine[]): RobustnessLine {
  const { attack, points } = seeds[0]!;
  if (seeds.length === 1) return { attack, points };
  const epsilons = [...new Set(seeds.flatMap((seed) => seed.points.map(([epsilon]) => epsilon)))].sort((a, b) => a - b);
  const at = seeds.map(() => 0);
  return {
    attack,
    points: epsilons.map((epsilon) => {
      const values = seeds.map((seed, index) => {
        while ((seed.points[at[index]! + 1]?.[0] ?? Infinity) <= epsilon) at[index]!++;
        const [, value, low, high] = seed.points[at[index]!]!;
        return { value, low, high };
      });
      const { value, low, high } = figure(values);
      return [epsilon, value, low!, high!];
    }),
  };
}
