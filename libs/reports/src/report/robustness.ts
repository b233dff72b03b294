import {
  type AttackRobustness,
  type RobustnessCurveRecord,
  type RobustnessRecord,
  specOf,
  type Store,
} from '@rampart/results';
import { findingsAbout, isEstablished, readFindings, type ReportedFinding } from './findings';

/** What one attack did under a threat, and how long it took. */
export interface ReportedAttack extends Omit<AttackRobustness, 'attackSteps'> {
  /** An attacked instance's, on one thread; null for a component of an ensemble. */
  readonly seconds: number | null;
}

/** How one model withstands one threat. */
export interface ReportedRobustness extends Omit<RobustnessRecord, 'runId' | 'step' | 'attacks' | 'outcomes'> {
  readonly attacks: readonly ReportedAttack[];
  /** False where an open finding of severity `high` leaves the figure standing on nothing. */
  readonly established: boolean;
  /** What makes it doubtful, the gravest first. */
  readonly findings: readonly Omit<ReportedFinding, 'model' | 'mode' | 'seed'>[];
}

/** Robust accuracy at every epsilon of a norm. */
export type ReportedCurve = Omit<RobustnessCurveRecord, 'runId' | 'step'>;

/** How the models of a run withstand its threats, in the order of its plan: empty for a run without threats. */
export async function readRobustness(
  store: Pick<Store, 'findings' | 'robustness' | 'steps'>,
  runId: string,
): Promise<{
  readonly robustness: readonly ReportedRobustness[];
  readonly curves: readonly ReportedCurve[];
  /** Those about figures of no threat as well. */
  readonly findings: readonly ReportedFinding[];
}> {
  const [records, curves, findings] = await Promise.all([
    store.robustness.ofRun(runId),
    store.robustness.curvesOfRun(runId),
    readFindings(store, runId),
  ]);
  const keys = new Set(records.flatMap(({ attacks }) => attacks.flatMap(({ attackSteps }) => attackSteps)));
  const steps = keys.size === 0 ? [] : await store.steps.findAll([...keys]);
  const seconds = new Map(steps.map((step) => [step.key, step.seconds]));
  return {
    robustness: records.map((record) => reported(record, seconds, findingsAbout(findings, record))),
    findings,
    curves: curves.map(({ runId: _run, step: _step, ...curve }) => curve),
  };
}

/** What a reader looks for first comes first: this is also the order of the fields in JSON. */
function reported(
  record: RobustnessRecord,
  seconds: ReadonlyMap<string, number>,
  findings: readonly ReportedFinding[],
): ReportedRobustness {
  const {
    runId: _run,
    step: _step,
    outcomes: _outcomes,
    seed,
    model,
    threat,
    mode,
    norm,
    epsilon,
    attacks,
    notes,
    ...figures
  } = record;
  return {
    ...{ model, seed, threat, norm, epsilon, mode, ...figures, established: isEstablished(findings), notes },
    findings: findings.map(({ model: _model, mode: _mode, seed: _seed, ...finding }) => finding),
    attacks: attacks.map(({ attackSteps, ...attack }) => ({
      ...attack,
      seconds:
        attackSteps.length === 0
          ? null
          : attackSteps.reduce((sum, key) => sum + (seconds.get(key) ?? 0), 0) / Math.max(1, record.attacked),
    })),
  };
}

/** Whether an attack looks for the nearest example: one that has a budget has its epsilon in its label. */
export function isMinimumNorm(attack: string): boolean {
  const spec = specOf(attack);
  return spec !== undefined && spec.params['epsilon'] === undefined;
}

/** Of `autoattack(epsilon=8/255): apgd-ce` the `apgd-ce`, among attacks that have the ensemble; else undefined. */
export function componentOf(attack: string, attacks: readonly Pick<ReportedAttack, 'attack'>[]): string | undefined {
  const ensemble = attacks.find((other) => attack.startsWith(`${other.attack}: `));
  return ensemble && attack.slice(ensemble.attack.length + 2);
}
