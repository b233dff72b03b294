import { isEvasion, type Outcome } from '@rampart/core';

/** How many of the attacked instances the attack succeeded on: taken for its target, or for any wrong class. */
export function countSuccessful(outcome: Outcome): number {
  const { attacked, predictions, target, targets } = outcome;
  if (target === undefined && targets === undefined) return countEvading(outcome);
  return attacked.reduce(
    (successful, index, position) => successful + Number(predictions[index] === (targets?.[position] ?? target)),
    0,
  );
}

/** How many of the attacked instances are classified wrongly; those that are rejected are not. */
export function countEvading({ attacked, labels, predictions }: Outcome): number {
  return attacked.reduce((evading, index) => evading + Number(isEvasion(predictions[index]!, labels[index]!)), 0);
}
