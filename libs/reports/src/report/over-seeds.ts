import { studentt } from 'jstat';

import type { CellRecord } from '@rampart/results';

/** One figure of a run, over all of its seeds. */
export interface Measured {
  /** Mean over the seeds. */
  readonly value: number;
  /**
   * Bounds of the 95% confidence interval. The seeds share the test set, so that however well they agree its sampling
   * error stays: each bound is as far from the mean as the bounds of one seed are on average and Student's over the
   * seeds together, as the root of their squares.
   */
  readonly low: number;
  readonly high: number;
  /** Standard deviation over the seeds; undefined for one. */
  readonly deviation: number | undefined;
  readonly seeds: number;
}

/**
 * Brings the cells of one figure, one a seed, together. Undefined for none.
 * @param most the largest possible value; default 1 for a fraction, and no bound for other units
 * @see Zou and Donner (2008), Construction of confidence limits about effect measures, Statistics in Medicine 27:1693,
 * for the root of the squares of distances to bounds
 */
export function overSeeds(
  cells: readonly Pick<CellRecord, 'value' | 'low' | 'high' | 'unit'>[],
  most = cells[0]?.unit === 'fraction' ? 1 : Infinity,
): Measured | undefined {
  if (cells.length === 0) return undefined;
  const count = cells.length;
  const mean = (of: (cell: (typeof cells)[number]) => number) => cells.reduce((sum, cell) => sum + of(cell), 0) / count;
  const value = mean((cell) => cell.value);
  const within = (low: number, high: number) => ({
    low: Math.max(0, low),
    high: Math.max(value, Math.min(most, high)),
  });
  if (count === 1) {
    return { value, ...within(cells[0]!.low, cells[0]!.high), deviation: undefined, seeds: 1 };
  }
  const deviation = standardDeviation(cells.map((cell) => cell.value));
  const spread = spreadOfMean(deviation, count);
  const below = Math.hypot(
    mean((cell) => cell.value - cell.low),
    spread,
  );
  const above = Math.hypot(
    mean((cell) => cell.high - cell.value),
    spread,
  );
  return { value, ...within(value - below, value + above), deviation, seeds: count };
}

/** Half of Student's 95% interval of a mean over so many seeds; 0 for one, of which no spread is known. */
export function spreadOfMean(deviation: number, seeds: number): number {
  return seeds < 2 ? 0 : (studentt.inv(0.975, seeds - 1) * deviation) / Math.sqrt(seeds);
}

export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
