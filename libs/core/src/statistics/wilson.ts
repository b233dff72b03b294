import { RampartError } from '../error';
import type { Estimate } from '../metric';

/** The 97.5% point of the standard normal distribution: two-sided 95%. */
const Z = 1.959963984540054;

/**
 * A proportion with its 95% Wilson score interval, which also holds where none or all succeed.
 * @param successes whole number from 0 to `count`
 * @param count observations; with none there is nothing to estimate and the result is undefined
 * @see Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22:209
 */
export function wilson(successes: number, count: number): Estimate | undefined {
  if (!Number.isInteger(count) || !Number.isInteger(successes) || successes < 0 || successes > count) {
    throw new RampartError({
      code: 'contract',
      message: `A proportion needs whole numbers with 0 <= successes <= observations. Received ${successes} of ${count}.`,
    });
  }
  if (count === 0) return undefined;
  const p = successes / count;
  const shrink = 1 + Z ** 2 / count;
  const centre = (p + Z ** 2 / (2 * count)) / shrink;
  const half = (Z / shrink) * Math.sqrt((p * (1 - p)) / count + Z ** 2 / (4 * count ** 2));
  return {
    value: p,
    // At the ends the bound is exactly 0 or 1; the formula gives it up to rounding.
    low: successes === 0 ? 0 : centre - half,
    high: successes === count ? 1 : centre + half,
    count,
  };
}
