import { mcnemar } from '@rampart/core';

import type { AttackAt } from './attacks-at';

/** Two groups of attacks on the same instances. */
export interface Compared {
  readonly instances: number;
  /** Instances that only the first breaks, and only the second. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** How far apart the robust accuracies are: above 0 where the first breaks more. */
  readonly lead: number;
  /** Of McNemar's exact test. */
  readonly p: number;
}

/** Compares what two groups of attacks break, each taken at its best on every instance. */
export function compared(positions: Int32Array, first: readonly AttackAt[], second: readonly AttackAt[]): Compared {
  const broken = (attacks: readonly AttackAt[], position: number) =>
    attacks.some(({ breaks }) => breaks[position] === 1);
  const of = (one: readonly AttackAt[], other: readonly AttackAt[]) =>
    positions.filter((position) => broken(one, position) && !broken(other, position)).length;
  return judged(positions.length, of(first, second), of(second, first));
}

/** The same of counts. */
export function judged(instances: number, onlyFirst: number, onlySecond: number): Compared {
  const lead = instances === 0 ? 0 : (onlyFirst - onlySecond) / instances;
  return { instances, onlyFirst, onlySecond, lead, p: mcnemar(onlyFirst, onlySecond).p };
}
