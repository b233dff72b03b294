import { wilson } from '@rampart/core';

/** `inconclusive`: what is asked for lies within the interval. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** How many instances stay right: of those not looked at yet all may, or none. */
export interface Tally {
  readonly instances: number;
  /** Instances that stay right whatever comes. */
  readonly robustAtLeast: number;
  /** Instances that can still turn out to stay right. */
  readonly robustAtMost: number;
}

/** The bounds of the 95% Wilson interval over everything that may still come of a tally. */
export function boundsOf({ instances, robustAtLeast, robustAtMost }: Tally): {
  readonly low: number;
  readonly high: number;
} {
  return { low: wilson(robustAtLeast, instances)!.low, high: wilson(robustAtMost, instances)!.high };
}

/**
 * What an interval says of a robust accuracy that is asked for; undefined while instances that were not looked at may
 * still change it. By the interval's bound, not by the figure: a model that is asked for 45% and measured at 46% on a
 * hundred images has not shown it.
 */
export function decide(tally: Tally, atLeast: number): Verdict | undefined {
  const { low, high } = boundsOf(tally);
  if (low >= atLeast) return 'pass';
  if (high < atLeast) return 'fail';
  return tally.robustAtLeast === tally.robustAtMost ? 'inconclusive' : undefined;
}

/** The 97.5% point of the standard normal distribution: two-sided 95%. */
const Z = 1.959963984540054;

/**
 * Instances from which on a Wilson interval around a measured share leaves out what is asked for; Infinity where they
 * are the same. The interval is that of the score test, so that it does where (p - q)^2 >= z^2 q (1 - q) / n.
 */
export function instancesNeeded(share: number, atLeast: number): number {
  return Math.ceil((Z ** 2 * atLeast * (1 - atLeast)) / (share - atLeast) ** 2);
}
