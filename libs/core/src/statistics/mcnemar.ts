import { RampartError } from '../error';

/** What the instances say on which two models differ. */
export interface McNemar {
  /** Instances that only the first model gets right, and only the second. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Two-sided: how likely so uneven a split is where neither model is better. 1 where there is none to split. */
  readonly p: number;
}

/**
 * McNemar's exact test of two models on the same instances: of those that only one of them gets right, either is as
 * likely to be the one, so their number is binomial with probability 1/2. What both get right, or neither, says nothing.
 * @param onlyFirst instances that only the first model gets right
 * @param onlySecond instances that only the second model gets right
 * @throws RampartError `contract` for counts that are no whole numbers from 0 on
 * @see McNemar (1947), Note on the sampling error of the difference between correlated proportions or percentages,
 * Psychometrika 12:153; exact form: Dietterich (1998), Neural Computation 10:1895, section 3.1
 */
export function mcnemar(onlyFirst: number, onlySecond: number): McNemar {
  if (![onlyFirst, onlySecond].every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RampartError({
      code: 'contract',
      message: `McNemar's test needs whole numbers of instances from 0 on. Received ${onlyFirst} and ${onlySecond}.`,
    });
  }
  const total = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // Relative to the largest term of the tail: 2 ** -total itself is too small a number for large totals.
  let term = 1;
  let tail = 1;
  for (let k = fewer; k > 0; k--) {
    term *= k / (total - k + 1);
    tail += term;
  }
  const p = 2 * tail * Math.exp(logBinomial(total, fewer) - total * Math.LN2);
  return { onlyFirst, onlySecond, p: Math.min(1, p) };
}

/** The natural logarithm of `total` over `chosen`. */
function logBinomial(total: number, chosen: number): number {
  let sum = 0;
  for (let k = 1; k <= chosen; k++) sum += Math.log((total - chosen + k) / k);
  return sum;
}
