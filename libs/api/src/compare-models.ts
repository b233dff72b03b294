import {
  compareIntervals,
  comparePaired,
  type Kept,
  type Measured,
  type ModelDifference,
  NO_ATTACK,
  possibleErrors,
  type SeedStanding,
  seedStandings,
  shareOver,
  standingInput,
  WORST_CASE,
} from '@rampart/reports';
import { type CellRecord, type RunSummary, type Store } from '@rampart/results';

import { figureOf, type MatrixFigure } from './matrix';

/** Metrics over the instances that could be attacked: made of what came of them, and not among the cells. */
export const STANDING_METRICS = ['robust-accuracy', 'attack-success'] as const;

export type StandingMetric = (typeof STANDING_METRICS)[number];

/** A row's place: an attack, `none` or `worst-case`, under a threat or whatever the distance. */
export interface CompareRowKey {
  readonly attack: string;
  readonly mode: CellRecord['mode'];
  readonly threat: string | undefined;
}

/** What a figure is compared by. */
export interface Comparable {
  readonly key: CompareRowKey;
  readonly figure: MatrixFigure;
  /** What the model got right of the attacked instances, a seed each; undefined where that is not stored. */
  readonly kept: readonly Kept[] | undefined;
  /** Of a worst case, the attacks that it is over, sorted. */
  readonly attacks: readonly string[] | undefined;
}

/** Whether a figure differs from the first column's by more than noise, or why nobody can say. */
export type CompareDifference =
  (ModelDifference & { readonly comparable: true }) | { readonly comparable: false; readonly reason: string };

/** One model of a run in one metric: a figure for each attack. */
export async function comparables(
  store: Store,
  run: RunSummary,
  model: string,
  metric: string,
  mode: 'static' | 'adaptive',
): Promise<Comparable[]> {
  const input = await standingInput(store, run);
  const own = (one: SeedStanding) => one.model === model && one.mode === mode;
  if (metric === 'robust-accuracy' || metric === 'attack-success') {
    return standingRows(seedStandings(input).filter(own), metric, mode);
  }
  // Cells count whatever an attack found, however far it went.
  const seeds = seedStandings({ ...input, threatened: false }).filter(own);
  const cells = await store.cells.ofRun(run.id);
  const most = possibleErrors(cells);
  const groups = new Map<string, CellRecord[]>();
  for (const cell of cells) {
    const wanted = cell.model === model && cell.metric === metric && (cell.mode === 'clean' || cell.mode === mode);
    if (wanted) groups.set(cell.attack, [...(groups.get(cell.attack) ?? []), cell]);
  }
  return [...groups].map(([attack, group]) => ({
    key: { attack, mode: group[0]!.mode, threat: undefined },
    figure: figureOf(group, undefined, most)!,
    // A clean error rate counts instances as well that nobody attacks, of which no instance is stored.
    kept:
      JUDGED.has(metric) && !(metric === 'error-rate' && attack === NO_ATTACK) ? keptUnder(seeds, attack) : undefined,
    attacks: attack === WORST_CASE ? attacksOf(seeds) : undefined,
  }));
}

/** Metrics that count what is judged right or wrong. */
const JUDGED: ReadonlySet<string> = new Set(['error-rate', 'recall', 'success-rate']);

function standingRows(
  seeds: readonly SeedStanding[],
  metric: StandingMetric,
  mode: 'static' | 'adaptive',
): Comparable[] {
  return [...new Set(seeds.map(({ threat }) => threat))].flatMap((threat) => {
    const own = seeds.filter((one) => one.threat === threat);
    const figure = (measured: Measured): MatrixFigure => ({
      ...measured,
      seeds: own.map(({ seed }) => seed),
      count: own[0]!.counts.attackable,
      published: undefined,
    });
    const under = (counts: (one: SeedStanding) => { readonly attackable: number; readonly evaded: number }) =>
      figure(
        shareOver(
          own,
          (one) => {
            const { attackable, evaded } = counts(one);
            return metric === 'attack-success' ? evaded : attackable - evaded;
          },
          (one) => counts(one).attackable,
        ),
      );
    const row = (attack: string, of: Omit<Comparable, 'key'>): Comparable => ({ key: { attack, mode, threat }, ...of });
    const attacks = attacksOf(own);
    const clean = figure(
      shareOver(
        own,
        ({ counts }) => counts.attackable,
        ({ counts }) => counts.attacked,
      ),
    );
    return [
      row(WORST_CASE, { figure: under(({ counts }) => counts), kept: keptUnder(own, WORST_CASE), attacks }),
      ...attacks.map((attack) =>
        row(attack, {
          figure: under((one) => one.attacks.find((other) => other.attack === attack) ?? NOTHING),
          kept: keptUnder(own, attack),
          attacks: undefined,
        }),
      ),
      ...(metric === 'robust-accuracy' && threat === seeds[0]!.threat
        ? [
            {
              key: { attack: NO_ATTACK, mode: 'clean', threat: undefined } as const,
              figure: clean,
              kept: keptUnder(own, NO_ATTACK),
              attacks: undefined,
            },
          ]
        : []),
    ];
  });
}

/** What an attack did that has not been run with a seed yet. */
const NOTHING = { attackable: 0, evaded: 0 };

function attacksOf(seeds: readonly SeedStanding[]): string[] {
  const attacks = seeds.flatMap((one) => one.attacks.filter(({ common }) => common).map(({ attack }) => attack));
  return [...new Set(attacks)].sort();
}

/** What the model got right under an attack, of all seeds or of none. */
function keptUnder(seeds: readonly SeedStanding[], attack: string): readonly Kept[] | undefined {
  const kept = seeds.flatMap((one) => {
    if (attack === WORST_CASE) return one.kept ?? [];
    if (attack === NO_ATTACK) return one.known ?? [];
    return one.attacks.find((other) => other.attack === attack)?.kept ?? [];
  });
  return kept.length > 0 && kept.length === seeds.length ? kept : undefined;
}

/** Compares a figure with the first column's. */
export function differenceFrom(
  base: Comparable,
  other: Comparable,
  datasets: readonly [base: string, other: string],
): CompareDifference {
  if (datasets[0] !== datasets[1]) return { comparable: false, reason: 'another dataset' };
  if (base.attacks?.join() !== other.attacks?.join()) return { comparable: false, reason: 'other attacks' };
  const paired = base.kept && other.kept && comparePaired(other.kept, base.kept);
  return { comparable: true, ...(paired ?? compareIntervals(other.figure, base.figure)) };
}
