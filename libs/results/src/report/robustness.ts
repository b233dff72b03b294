import type { AttackRobustness, RobustnessCurveRecord, RobustnessRecord } from '../records';
import type { Store } from '../store';

/** What one attack did under a threat, and how long it took. */
export interface ReportedAttack extends Omit<AttackRobustness, 'attackSteps'> {
  /** An attacked instance's, on one thread; undefined for a component of an ensemble. */
  readonly seconds: number | undefined;
}

/** How one model withstands one threat. */
export interface ReportedRobustness extends Omit<RobustnessRecord, 'runId' | 'step' | 'attacks'> {
  readonly attacks: readonly ReportedAttack[];
}

/** Robust accuracy at every epsilon of a norm. */
export type ReportedCurve = Omit<RobustnessCurveRecord, 'runId' | 'step'>;

/** How the models of a run withstand its threats, in the order of its plan: empty for a run without threats. */
export async function readRobustness(
  store: Pick<Store, 'robustness' | 'steps'>,
  runId: string,
): Promise<{ readonly robustness: readonly ReportedRobustness[]; readonly curves: readonly ReportedCurve[] }> {
  const [records, curves] = await Promise.all([store.robustness.ofRun(runId), store.robustness.curvesOfRun(runId)]);
  const keys = new Set(records.flatMap(({ attacks }) => attacks.flatMap(({ attackSteps }) => attackSteps)));
  const steps = keys.size === 0 ? [] : await store.steps.findAll([...keys]);
  const seconds = new Map(steps.map((step) => [step.key, step.seconds]));
  return {
    robustness: records.map(({ runId: _run, step: _step, attacks, ...record }) => ({
      ...record,
      attacks: attacks.map(({ attackSteps, ...attack }) => ({
        ...attack,
        seconds:
          attackSteps.length === 0
            ? undefined
            : attackSteps.reduce((sum, key) => sum + (seconds.get(key) ?? 0), 0) / Math.max(1, record.attacked),
      })),
    })),
    curves: curves.map(({ runId: _run, step: _step, ...curve }) => curve),
  };
}
