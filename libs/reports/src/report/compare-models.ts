import { mcnemar } from '@rampart/core';

import { type Measured, spreadOfMean, standardDeviation } from './over-seeds';

/** The 97.5% point of the standard normal distribution. */
const Z = 1.959963984540054;

/** A difference that chance makes less often than this is one. */
export const SIGNIFICANCE = 0.05;

/** What a model got right of the attacked instances, with one seed. */
export interface Kept {
  readonly seed: number;
  /** Of which instances: indices into the test set. Those of equal texts are paired. */
  readonly testIndices: string;
  /** One an instance. */
  readonly right: Uint8Array;
}

/** Whether two models differ by more than noise. */
export interface ModelDifference {
  /**
   * `mcnemar`: exactly, on the same instances; `paired-seeds`: by the interval of the difference over the seeds, on the
   * same instances; `intervals`: the instances cannot be paired, and the intervals of the two figures overlap or not.
   */
  readonly test: 'mcnemar' | 'paired-seeds' | 'intervals';
  /** The first figure minus the second. */
  readonly difference: number;
  /** The bounds of its 95% confidence interval, of `paired-seeds`. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** How likely chance makes so uneven a split, and the instances that only one of them gets right: of `mcnemar`. */
  readonly p: number | undefined;
  readonly onlyFirst: number | undefined;
  readonly onlySecond: number | undefined;
  /** Whether it is more than noise. */
  readonly apart: boolean;
}

/** Two models on the same instances. */
export interface StandingDifference extends ModelDifference {
  readonly models: readonly [first: string, second: string];
}

const UNKNOWN = { low: undefined, high: undefined, p: undefined, onlyFirst: undefined, onlySecond: undefined };

/** Compares two models on the same attacked instances; undefined where these cannot be paired. */
export function comparePaired(first: readonly Kept[], second: readonly Kept[]): ModelDifference | undefined {
  const [one, other] = [distinct(first), distinct(second)];
  const [sample] = one;
  if (!sample || other.length === 0 || sample.right.length === 0) return undefined;
  if ([...one, ...other].some(({ testIndices }) => testIndices !== sample.testIndices)) return undefined;
  if (one.length === 1 && other.length === 1) return exact(sample.right, other[0]!.right);
  return overSeeds(one, other);
}

/** Where instances cannot be paired: two figures whose intervals do not overlap are apart. */
export function compareIntervals(
  first: Pick<Measured, 'value' | 'low' | 'high'>,
  second: Pick<Measured, 'value' | 'low' | 'high'>,
): ModelDifference {
  const apart = first.low > second.high || second.low > first.high;
  return { ...UNKNOWN, test: 'intervals', difference: first.value - second.value, apart };
}

/** Seeds that repeat the same measurement are one. */
function distinct(seeds: readonly Kept[]): readonly Kept[] {
  const [sample] = seeds;
  const same = sample && seeds.every(({ right }) => Buffer.compare(right, sample.right) === 0);
  return same ? [sample] : seeds;
}

function exact(first: Uint8Array, second: Uint8Array): ModelDifference {
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < first.length; i++) {
    onlyFirst += Number(first[i]! > second[i]!);
    onlySecond += Number(second[i]! > first[i]!);
  }
  const { p } = mcnemar(onlyFirst, onlySecond);
  const difference = (onlyFirst - onlySecond) / first.length;
  return { ...UNKNOWN, test: 'mcnemar', difference, p, onlyFirst, onlySecond, apart: p < SIGNIFICANCE };
}

/**
 * The interval of the mean difference: what the draw of the test set leaves open, from its variance over the instances,
 * and what the draw of the seeds does, as the root of their squares. Equal seeds are paired.
 */
function overSeeds(first: readonly Kept[], second: readonly Kept[]): ModelDifference {
  const instances = first[0]!.right.length;
  const differences = Array.from({ length: instances }, (_, i) => mean(first, i) - mean(second, i));
  const difference = differences.reduce((sum, one) => sum + one, 0) / instances;
  const sampling = (Z * standardDeviation(differences)) / Math.sqrt(instances);
  const [a, b] = [first.map(shareOf), second.map(shareOf)];
  const paired = a.length === b.length && first.every(({ seed }, index) => seed === second[index]!.seed);
  const spread = paired
    ? spreadOfMean(standardDeviation(a.map((share, index) => share - b[index]!)), a.length)
    : Math.hypot(...[a, b].map((shares) => spreadOfMean(standardDeviation(shares), shares.length)));
  const half = Math.hypot(sampling, spread);
  const [low, high] = [Math.max(-1, difference - half), Math.min(1, difference + half)];
  return { ...UNKNOWN, test: 'paired-seeds', difference, low, high, apart: low > 0 || high < 0 };
}

function mean(seeds: readonly Kept[], instance: number): number {
  return seeds.reduce((sum, { right }) => sum + right[instance]!, 0) / seeds.length;
}

function shareOf({ right }: Kept): number {
  return right.reduce((sum, one) => sum + one, 0) / right.length;
}

/** 1 where the first model is ahead of the second by more than noise, -1 where it is behind, else 0. */
export function aheadOf(first: string, second: string, differences: readonly StandingDifference[]): -1 | 0 | 1 {
  for (const { models, apart, difference } of differences) {
    if (!apart) continue;
    const sign = difference > 0 ? 1 : -1;
    if (models[0] === first && models[1] === second) return sign;
    if (models[0] === second && models[1] === first) return sign === 1 ? -1 : 1;
  }
  return 0;
}
