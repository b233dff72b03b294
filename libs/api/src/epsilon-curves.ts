import { isEvasion, wilson } from '@rampart/core';
import { attackedEvaluations, type RobustnessPoint } from '@rampart/reports';
import { type CellMode, type InstanceRecord, type RunSummary, type Store } from '@rampart/results';

import { thinned } from './cell-details';

/** What of a model's attackable instances stays right up to each epsilon, as the examples of all attacks tell. */
export interface EpsilonCurve {
  readonly model: string;
  readonly seeds: number;
  /** Instances that could be attacked, over all seeds. */
  readonly attackable: number;
  /** In steps, from 0 on. */
  readonly points: readonly RobustnessPoint[];
}

const POINTS = 200;

/**
 * Robust accuracy against the largest change of any feature, for runs that name no threats: an instance stands up to
 * where the nearest example lies that any attack found. Attacks that did not look for a near one say less than could be.
 */
export async function epsilonCurves(store: Store, run: RunSummary, mode: CellMode): Promise<EpsilonCurve[]> {
  const chosen = attackedEvaluations(await store.cells.ofRun(run.id)).filter((one) => one.mode === mode);
  const curves: EpsilonCurve[] = [];
  for (const model of new Set(chosen.map((one) => one.model))) {
    const own = chosen.filter((one) => one.model === model);
    const seeds = new Set(own.map(({ seed }) => seed));
    const nearest: number[] = [];
    for (const seed of seeds) {
      const found = new Map<number, number>();
      for (const { evaluateStep } of own.filter((one) => one.seed === seed)) {
        note(found, await store.instances.ofStep(evaluateStep));
      }
      nearest.push(...found.values());
    }
    if (nearest.length === 0) continue;
    curves.push({ model, seeds: seeds.size, attackable: nearest.length, points: stairs(nearest, seeds.size) });
  }
  return curves;
}

/** Notes how far the nearest example of each attackable instance is; infinitely where there is none. */
function note(nearest: Map<number, number>, instances: readonly InstanceRecord[]): void {
  for (const { testIndex, label, predictionBefore, predictionAfter, linf } of instances) {
    if (predictionBefore !== label) continue;
    const distance = isEvasion(predictionAfter, label) ? linf : Infinity;
    nearest.set(testIndex, Math.min(distance, nearest.get(testIndex) ?? Infinity));
  }
}

function stairs(nearest: readonly number[], seeds: number): RobustnessPoint[] {
  const sorted = nearest.toSorted((a, b) => a - b);
  const total = sorted.length;
  const point = (epsilon: number, fallen: number): RobustnessPoint => {
    // The seeds share their instances: the interval is that of one seed's.
    const { low, high } = wilson((total - fallen) / seeds, total / seeds)!;
    return [epsilon, (total - fallen) / total, low, high];
  };
  const points = [point(0, sorted.filter((one) => one <= 0).length)];
  sorted.forEach((epsilon, index) => {
    if (epsilon > 0 && epsilon < Infinity && epsilon !== sorted[index + 1]) points.push(point(epsilon, index + 1));
  });
  return thinned(points, POINTS);
}
