import type { RunRecord, Store } from '@rampart/results';
import { type MadeWith, madeWithOf } from './made-with';
import { devicesOf, type ReportedDevice } from './devices';
import { certifiedTables, readCertificates, type ReportedCertificate } from './certificates';
import { arrangeCurves, type CurveDiagram } from './curves';
import { type ClaimVerdict, judgeClaims } from './judge-claims';
import { optimalityTables, type OptimalityTable } from './optimality';
import type { ReportedFinding } from './findings';
import { readRobustness, type ReportedCurve, type ReportedRobustness } from './robustness';
import { type Peculiarities, peculiaritiesOf } from './peculiarities';
import { readStandings } from './read-standings';
import type { StandingTable } from './standings';
import { type ReportTable, reportTables } from './tables';
import { unseenAndTransfer } from './read-beyond';
import { ANY_WRONG_CLASS, targetOf } from './target-of';
import { threatTables } from './threat-tables';

/** What a run found out, in whatever form it is shown. */
export interface Report {
  readonly run: RunRecord;
  /** How models stand up to attacks, over the instances that could be attacked: what a summary begins with. */
  readonly standings: readonly StandingTable[];
  /** What makes figures doubtful, the gravest first. */
  readonly findings: readonly ReportedFinding[];
  /** How models withstand the experiment's threats, a seed each; empty for a run without threats. */
  readonly robustness: readonly ReportedRobustness[];
  /** Robust accuracy at every epsilon, a seed each. */
  readonly robustnessCurves: readonly ReportedCurve[];
  /** What is certain of smoothed models, a seed each; empty where nothing was certified. */
  readonly certificates: readonly ReportedCertificate[];
  /** How near each attack comes to what all attacks of its norm find together. */
  readonly optimality: readonly OptimalityTable[];
  /** What titles must say of models: whose gradients were estimated, which draw random numbers. */
  readonly peculiarities: Peculiarities;
  /** Models against attacks, measured beside published. */
  readonly tables: readonly ReportTable[];
  /** The publication's claims and what this run says about them; empty for a run that the publication has nothing on. */
  readonly claims: readonly ClaimVerdict[];
  /** Means over the seeds. */
  readonly curves: readonly CurveDiagram[];
  /** Versions of the components that made the figures. */
  readonly madeWith: readonly MadeWith[];
  /** What attacks computed elsewhere than on the CPU, a model each; empty where all was on the CPU. */
  readonly devices: readonly ReportedDevice[];
}

/** Brings together what there is to report of a run, be it finished or not. */
export async function readReport(
  store: Pick<
    Store,
    'cells' | 'curves' | 'instances' | 'models' | 'runSteps' | 'steps' | 'robustness' | 'findings' | 'certificates'
  >,
  run: RunRecord,
): Promise<Report> {
  const [cells, points, { robustness, curves, findings }, standings, certificates] = await Promise.all([
    store.cells.ofRun(run.id),
    store.curves.ofRun(run.id),
    readRobustness(store, run.id),
    readStandings(store, run),
    readCertificates(store, run.id),
  ]);
  // Under threats an attack succeeds where it reaches its target, and standings are made of that.
  const targeted = targetOf(run) !== undefined && robustness.length === 0;
  const made = await store.models.ofRun(run.id);
  const peculiarities = peculiaritiesOf(made);
  const models = [...new Set(cells.map((cell) => cell.model))];
  return {
    run,
    standings: targeted
      ? standings.map((table) => ({ ...table, notes: [...table.notes, ANY_WRONG_CLASS] }))
      : standings,
    findings,
    robustness,
    robustnessCurves: curves,
    certificates,
    optimality: optimalityTables(robustness, curves, threatTables(robustness)),
    peculiarities,
    tables: [
      ...reportTables(run, cells, repeatedModels(standings), peculiarities),
      ...certifiedTables(certificates),
      ...(await unseenAndTransfer(store, cells, made)),
    ],
    claims: run.published ? judgeClaims(run.published, cells, points, findings) : [],
    curves: arrangeCurves(points).map((diagram) => ({ ...diagram, series: inOrder(diagram.series, models) })),
    madeWith: await madeWithOf(store, run.id, cells),
    devices: await devicesOf(store, run.id),
  };
}

/** Models that every seed measures alike, under all that they were asked. */
export function repeatedModels(standings: readonly StandingTable[]): ReadonlySet<string> {
  const all = standings.flatMap(({ models }) => models);
  const varying = new Set(all.filter(({ repeated }) => !repeated).map(({ model }) => model));
  return new Set(all.map(({ model }) => model).filter((model) => !varying.has(model)));
}

/** In the order of the tables. */
function inOrder(series: CurveDiagram['series'], models: readonly string[]): CurveDiagram['series'] {
  const place = ({ model }: { readonly model: string }) => models.indexOf(model);
  return [...series].sort((a, b) => place(a) - place(b));
}
