import { wilson } from '@rampart/metrics';

import type { RobustnessOutput } from './outputs';
import { isWithin } from './within-threat';

/** Points of a curve, at the most, beside those that hold at the threats' epsilons. */
const POINTS = 200;

/**
 * The part of a test set that withstands each epsilon, where it changes; of many places a part, evenly. At the epsilons
 * that threats ask about the curve is exact and counts whom their figures count: what is within but for rounding.
 * @param distances of each attackable instance, how far its nearest example is; Infinity where there is none
 */
export function robustnessCurve(
  distances: readonly number[],
  {
    asked,
    cleanRight,
    instances,
  }: {
    /** The epsilons of threats in the norm of the distances. */
    readonly asked: readonly number[];
    /** Instances that the model gets right without an attack, those that are not attacked included. */
    readonly cleanRight: number;
    /** Of the test set. */
    readonly instances: number;
  },
): RobustnessOutput['curves'][number]['points'] {
  const settled = (distance: number) =>
    asked.find((epsilon) => distance > epsilon && isWithin(distance, epsilon)) ?? distance;
  const sorted = distances
    .filter(Number.isFinite)
    .map(settled)
    .sort((a, b) => a - b);
  const at = (epsilon: number, fallen: number) => {
    const { value, low, high } = wilson(cleanRight - fallen, instances)!;
    return [epsilon, value, low, high] as const;
  };
  const steps = sorted.flatMap((distance, i) => (sorted[i + 1] === distance ? [] : [at(distance, i + 1)]));
  const every = Math.max(1, Math.ceil(steps.length / POINTS));
  const ends = [...asked, Infinity].map((epsilon) => steps.findLastIndex(([distance]) => distance <= epsilon));
  const kept = steps.filter((_, i) => i % every === 0 || ends.includes(i));
  return [at(0, 0), ...kept];
}
