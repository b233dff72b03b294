import { overSeeds, type RobustnessRecord } from '@rampart/results';

/** What a list says of a run with threats: the model that withstands the first of them best. */
export interface BestRobust {
  readonly model: string;
  readonly mode: RobustnessRecord['mode'];
  readonly threat: string;
  /** In the worst case over the attacks, instance by instance; the mean over the seeds. */
  readonly robustAccuracy: number;
  readonly low: number;
  readonly high: number;
  /** How many threats more the run has. */
  readonly furtherThreats: number;
}

/**
 * Attacks on the models themselves count where there are any. Undefined without records, and where no attack fills the
 * first threat. `RunStore.list` sorts by the same figure.
 * @param records a run's, in the order of its plan
 */
export function bestRobust(records: readonly RobustnessRecord[]): BestRobust | undefined {
  const threat = records[0]?.threat;
  if (threat === undefined) return undefined;
  const judged = records.filter((record) => record.threat === threat && record.attacks.length > 0);
  const mode = judged.some((record) => record.mode === 'adaptive') ? 'adaptive' : 'static';
  const counted = judged.filter((record) => record.mode === mode);
  const furtherThreats = new Set(records.map((record) => record.threat)).size - 1;
  let best: BestRobust | undefined;
  for (const model of new Set(counted.map((record) => record.model))) {
    const seeds = counted.filter((record) => record.model === model);
    const { value, low, high } = overSeeds(
      seeds.map((seed) => ({ value: seed.robustAccuracy, low: seed.low, high: seed.high, unit: 'fraction' })),
    )!;
    if (best && best.robustAccuracy >= value) continue;
    best = { model, mode, threat, robustAccuracy: value, low, high, furtherThreats };
  }
  return best;
}
