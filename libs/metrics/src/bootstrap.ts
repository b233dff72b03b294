import { type Estimate, RampartError, type Rng } from '@rampart/core';

const RESAMPLES = 1000;

/**
 * A mean with its 95% percentile bootstrap interval over 1,000 resamples.
 * @param values observations; with none there is nothing to estimate and the result is undefined
 * @param what the values are, for messages
 * @throws RampartError `contract` when a value is not finite
 * @see Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 13.3
 */
export function bootstrapMean(values: ArrayLike<number>, rng: Rng, what: string): Estimate | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RampartError({
        code: 'contract',
        message: `Expected ${what} to be finite. Received ${values[i]} at index ${i} of ${count}. The attack or the model that it comes from is at fault.`,
      });
    }
    sum += values[i]!;
  }
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let total = 0;
    for (let i = 0; i < count; i++) total += values[rng.integer(count)]!;
    means[resample] = total / count;
  }
  means.sort();
  const value = sum / count;
  // Equal values have equal resamples, whose means differ from theirs by rounding alone.
  return { value, low: Math.min(value, quantile(means, 0.025)), high: Math.max(value, quantile(means, 0.975)), count };
}

/** Of sorted values, interpolated between neighbours. */
function quantile(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
