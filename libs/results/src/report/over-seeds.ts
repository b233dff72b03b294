import { studentt } from 'jstat';

import type { CellRecord } from '../records';

/** One figure of a run, over all of its seeds. */
export interface Measured {
  /** Mean over the seeds. */
  readonly value: number;
  /**
   * Bounds of the 95% confidence interval: that of the figure itself for one seed, else Student's over the seeds,
   * cut off at 0, and at 1 for a fraction.
   */
  readonly low: number;
  readonly high: number;
  /** Standard deviation over the seeds; undefined for one. */
  readonly deviation: number | undefined;
  readonly seeds: number;
}

/** Brings the cells of one figure, one a seed, together. Undefined for none. */
export function overSeeds(cells: readonly Pick<CellRecord, 'value' | 'low' | 'high' | 'unit'>[]): Measured | undefined {
  const [only] = cells;
  if (!only) return undefined;
  const { low, high } = only;
  if (cells.length === 1) return { value: only.value, low, high, deviation: undefined, seeds: 1 };
  const count = cells.length;
  const mean = cells.reduce((sum, cell) => sum + cell.value, 0) / count;
  const deviation = Math.sqrt(cells.reduce((sum, cell) => sum + (cell.value - mean) ** 2, 0) / (count - 1));
  const half = (studentt.inv(0.975, count - 1) * deviation) / Math.sqrt(count);
  const most = only.unit === 'fraction' ? 1 : Infinity;
  return { value: mean, low: Math.max(0, mean - half), high: Math.min(most, mean + half), deviation, seeds: count };
}
