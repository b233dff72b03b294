import { formatThreat, parseThreats, wilson } from '@rampart/core';
import { certifiedAccuracy, groupBy, type Measured, overSeeds } from '@rampart/reports';
import {
  type CellRecord,
  type CellValue,
  type CertificateRecord,
  type FindingRecord,
  type RobustnessCurveRecord,
  type RobustnessRecord,
  type RunSummary,
  type StandingCount,
  type StandingRecord,
  type Store,
} from '@rampart/results';
import { z } from 'zod';

import { attackedMode } from './inputs';
import { procedure, router } from './trpc';
import { whileUnchanged } from './while-unchanged';

/** A model of a run in the ranking of all runs. */
export interface LeaderboardRow {
  /** Without its state: a run is interrupted as time goes by, and rows are kept until something is written. */
  readonly run: Pick<RunSummary, 'id' | 'name' | 'startedAt' | 'tags'>;
  readonly model: string;
  readonly undefended: boolean;
  readonly attacks: readonly string[];
  /** Right without an attack, of the whole test set. */
  readonly cleanAccuracy?: LeaderboardShare;
  /** Of what could be attacked: right without, and right under every attack. */
  readonly robustAccuracy: LeaderboardShare;
  readonly attackable: number;
  /** Of the same, what is right whatever the attack; none where nobody knows. */
  readonly certifiedAccuracy?: LeaderboardShare;
  /** Audits with an open finding of severity high: the figure is not established. */
  readonly doubts: readonly string[];
  /** Gradients that the attacks took, an attacked instance. */
  readonly gradients?: number;
}

/** A fraction with its interval. */
export type LeaderboardShare = Pick<Measured, 'value' | 'low' | 'high'>;

/** What there is to rank: figures of one dataset and threat are of the same thing. */
export interface LeaderboardFacet {
  readonly dataset: string;
  /** `linf(8/255)`; undefined for whatever an attack found, however far it went. */
  readonly threat: string | undefined;
  readonly models: number;
}

const norm = z.enum(['l0', 'l1', 'l2', 'linf']);

/** More runs than anybody ranks at once, the latest. */
const RUNS = 5000;

const FRACTION = { unit: 'fraction' } as const;

const leaderboardInput = z.object({
  /** That with the most figures where none is named. */
  dataset: z.string().max(300).optional(),
  /** `any` for whatever the distance; without one, a threat before none, and that with the most figures. */
  threat: z.string().max(60).optional(),
  /** Any epsilon of a norm, instead of a threat. */
  at: z.object({ norm, epsilon: z.number().positive().max(1e6) }).optional(),
  mode: attackedMode.default('adaptive'),
  /** Archived runs too. */
  archived: z.boolean().default(false),
});

/** All models of all runs, ranked. */
export const leaderboardRouter = router({
  /**
   * Models of every run of a dataset, by what withstands a threat, or an epsilon of a norm, which the curves of runs
   * with threats tell. The most robust first.
   */
  rows: procedure
    .input(leaderboardInput)
    .query(({ ctx: { store }, input }) =>
      whileUnchanged(store, `leaderboard ${JSON.stringify(input)}`, () => answerOf(store, input)),
    ),
});

type LeaderboardInput = z.output<typeof leaderboardInput>;

async function answerOf(store: Store, { at, ...asked }: LeaderboardInput) {
  // A slider goes through epsilons, and what is read for one is what is read for all.
  const reading = JSON.stringify([asked, at?.norm]);
  const read = await whileUnchanged(store, `leaderboard of ${reading}`, () => figuresOf(store, asked, at?.norm));
  const { dataset, threat, facets, own, standings, records, curves } = read;
  const ranked = at
    ? atEpsilon(curves, records, at, asked.mode, standings)
    : standings.map((one) => ({ ...one, figure: shareOf(one) }));
  const ball = at ?? (threat === undefined ? undefined : parseThreats(threat)[0]);
  const threats = facets.flatMap((one) => (one.dataset === dataset && one.threat !== undefined ? [one.threat] : []));
  return {
    dataset,
    threat,
    facets,
    /** Norms that runs of this dataset have curves in, each with the largest epsilon that a threat has. */
    norms: normsOf(at ? records : threats.flatMap(parseThreats)),
    rows: rowsOf(own, ranked, { ...read.known, ball, mode: asked.mode }).toSorted(
      (a, b) => b.robustAccuracy.value - a.robustAccuracy.value,
    ),
  };
}

/** What the store has of what is ranked. @param norm of the curves that tell what withstands any epsilon */
async function figuresOf(
  store: Store,
  { mode, archived, ...asked }: Omit<LeaderboardInput, 'at'>,
  norm: RobustnessCurveRecord['norm'] | undefined,
) {
  const { runs } = await store.runs.list({ limit: RUNS, shelves: archived ? ['listed', 'archived'] : ['listed'] });
  const all = runs.map(({ id }) => id);
  const counts = counted(await store.standings.counts(all, mode));
  const facets = facetsOf(runs, counts);
  const facet = facets.find((one) => asked.dataset === undefined || one.dataset === asked.dataset);
  const dataset = facet?.dataset;
  const threats = facets.filter((one) => one.dataset === dataset).map((one) => one.threat);
  const wanted = asked.threat === 'any' ? undefined : asked.threat;
  const threat = asked.threat !== undefined && threats.includes(wanted) ? wanted : threats[0];
  const own = runs.filter((run) => run.dataset === dataset);
  const ids = own.map(({ id }) => id);
  const within = new Set(ids);
  const asks = (one: Pick<StandingRecord, 'threat'>) => (norm ? one.threat !== undefined : one.threat === threat);
  const answering = new Set(counts.flatMap((one) => (within.has(one.runId) && asks(one) ? [one.runId] : [])));
  const standings = (await store.standings.ofRuns([...answering], mode)).filter(
    (one) => asks(one) && one.attackable > 0 && one.attacks.length > 0,
  );
  const records = norm ? await store.robustness.ofRuns(ids) : [];
  const curves = norm ? await store.robustness.worstCaseCurves(ids, norm, mode) : [];
  // Of large stores, the figures of what is not ranked would be most of the work.
  const drawn = new Set(curves.map(({ runId }) => runId));
  const shown = [...new Set(standings.map(({ runId }) => runId))].filter((id) => !norm || drawn.has(id));
  const [clean, gradients, findings, certificates] = await Promise.all([
    store.cells.ofRuns(shown, { metric: 'error-rate', mode: 'clean' }),
    store.cells.valuesOf(shown, { metric: 'gradient-evaluations', mode }),
    store.findings.ofRuns(shown),
    store.certificates.ofRuns(shown),
  ]);
  const known = {
    ...{ clean: byModel(clean), gradients: byModel(gradients), findings: byModel(findings) },
    ...{ certificates: byModel(certificates) },
  };
  return { dataset, threat, facets, own, standings, records, curves, known };
}

/** A standing with the share that is right under attack. */
type Ranked = StandingRecord & { readonly figure: ReturnType<typeof shareOf> };

interface Known {
  readonly clean: ByModel<CellRecord>;
  readonly gradients: ByModel<CellValue>;
  readonly findings: ByModel<FindingRecord>;
  readonly certificates: ByModel<CertificateRecord>;
  /** What is ranked by; undefined for whatever the distance. */
  readonly ball: Pick<RobustnessRecord, 'norm' | 'epsilon'> | undefined;
  readonly mode: 'static' | 'adaptive';
}

/** Those with a figure; of a run with threats what is found whatever the distance counts for none of them. */
function counted(counts: readonly StandingCount[]): StandingCount[] {
  const threatened = new Set(counts.flatMap(({ runId, threat }) => (threat === undefined ? [] : [runId])));
  return counts.filter((one) => one.figures > 0 && (one.threat !== undefined || !threatened.has(one.runId)));
}

/** The datasets and threats that there are, those with the most models first, threats before none. */
function facetsOf(runs: readonly RunSummary[], counts: readonly StandingCount[]): LeaderboardFacet[] {
  const datasets = new Map(runs.map(({ id, dataset }) => [id, dataset]));
  const facets = new Map<string, { dataset: string; threat: string | undefined; models: number }>();
  for (const { runId, threat, figures } of counts) {
    const dataset = datasets.get(runId)!;
    const key = JSON.stringify([dataset, threat]);
    const facet = facets.get(key) ?? { dataset, threat, models: 0 };
    facet.models += figures;
    facets.set(key, facet);
  }
  const size = (of: string) =>
    [...facets.values()].reduce((sum, one) => sum + (one.dataset === of ? one.models : 0), 0);
  return [...facets.values()].sort(
    (a, b) =>
      size(b.dataset) - size(a.dataset) ||
      a.dataset.localeCompare(b.dataset) ||
      Number(a.threat === undefined) - Number(b.threat === undefined) ||
      b.models - a.models,
  );
}

function shareOf({ attackable, evaded }: Pick<StandingRecord, 'attackable' | 'evaded'>) {
  return { ...wilson(attackable - evaded, attackable)!, ...FRACTION };
}

/** What the curves say of one epsilon: what is left of the attackable instances, the others being right as before. */
function atEpsilon(
  curves: readonly RobustnessCurveRecord[],
  records: readonly RobustnessRecord[],
  at: { readonly norm: RobustnessCurveRecord['norm']; readonly epsilon: number },
  mode: 'static' | 'adaptive',
  standings: readonly StandingRecord[],
): Ranked[] {
  const recordsOf = byModel(records);
  const standingsOf = byModel(standings);
  return curves.flatMap((curve) => {
    const same = (one: StandingRecord | RobustnessRecord) => one.seed === curve.seed && one.mode === mode;
    const record = recordsOf(curve).find(same);
    const standing = standingsOf(curve).find(same);
    if (!record || !standing || curve.points.length === 0) return [];
    const point = curve.points.findLast(([epsilon]) => epsilon <= at.epsilon * (1 + 1e-9));
    const right = point?.[1] ?? record.cleanAccuracy;
    const evaded = Math.min(record.attackable, Math.round((record.cleanAccuracy - right) * record.instances));
    const own = { ...standing, threat: formatThreat(at), attackable: record.attackable, evaded };
    return [{ ...own, figure: shareOf(own) }];
  });
}

/** The norms of a dataset's threats, and how far a slider goes. */
function normsOf(balls: readonly Pick<RobustnessRecord, 'norm' | 'epsilon'>[]) {
  const largest = new Map<RobustnessRecord['norm'], number>();
  for (const { norm: of, epsilon } of balls) {
    largest.set(of, Math.max(epsilon, largest.get(of) ?? 0));
  }
  return [...largest].map(([of, epsilon]) => ({ norm: of, epsilon }));
}

interface OfModel {
  readonly runId: string;
  readonly model: string;
}

/** What there is of a run's model. */
type ByModel<T> = (of: OfModel) => readonly T[];

function byModel<T extends OfModel>(all: readonly T[]): ByModel<T> {
  const groups = new Map(groupBy(all, keyOf).map((group) => [keyOf(group[0]!), group]));
  return (of) => groups.get(keyOf(of)) ?? [];
}

function keyOf({ runId, model }: OfModel): string {
  return `${runId} ${model}`;
}

function rowsOf(runs: readonly RunSummary[], ranked: readonly Ranked[], known: Known): LeaderboardRow[] {
  const runOf = new Map(runs.map((run) => [run.id, run]));
  return groupBy(ranked, keyOf).flatMap((seeds): LeaderboardRow[] => {
    const [first] = seeds as [Ranked];
    const run = runOf.get(first.runId)!;
    const robustAccuracy = overSeeds(seeds.map(({ figure }) => figure))!;
    const right = known.clean(first).map(({ value, low, high, unit }) => ({
      ...{ value: 1 - value, low: 1 - high, high: 1 - low, unit },
    }));
    const cost = known.gradients(first).filter((one) => first.attacks.includes(one.attack));
    const certificates = known.certificates(first);
    // Of the first instances alone it is no figure of the same.
    const alike = certificates.every((one) =>
      seeds.some(({ seed, attackable }) => one.seed === seed && one.attackable === attackable),
    );
    const certified = known.ball && alike ? certifiedAccuracy(certificates, known.ball, 'attackable') : undefined;
    const { id, name, startedAt, tags } = run;
    return [
      {
        run: { id, name, startedAt, tags },
        model: first.model,
        undefended: first.undefended,
        attacks: first.attacks,
        // What is undefined is named apart on its way to the browser: of hundreds of rows that is a quarter of it.
        ...(right.length > 0 && { cleanAccuracy: shareIn(overSeeds(right)!) }),
        robustAccuracy: shareIn(robustAccuracy),
        attackable: first.attackable,
        ...(certified && { certifiedAccuracy: shareIn(certified) }),
        doubts: doubtsOf(known.findings(first), known.mode, first.threat),
        ...(cost.length > 0 && { gradients: cost.reduce((sum, one) => sum + one.value, 0) / seeds.length }),
      },
    ];
  });
}

function shareIn({ value, low, high }: Measured): LeaderboardShare {
  return { value, low, high };
}

function doubtsOf(findings: readonly FindingRecord[], mode: Known['mode'], threat: string | undefined): string[] {
  const serious = findings.filter(
    (one) =>
      one.severity === 'high' &&
      !one.resolved &&
      one.mode === mode &&
      (one.threat === undefined || threat === undefined || one.threat === threat),
  );
  return [...new Set(serious.map(({ audit }) => audit))];
}
