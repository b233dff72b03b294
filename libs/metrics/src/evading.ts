import type { Outcome } from '@rampart/core';

/** How many of the attacked instances are classified wrongly. */
export function countEvading({ attacked, labels, predictions }: Outcome): number {
  return attacked.reduce((evading, index) => evading + Number(predictions[index] !== labels[index]), 0);
}
