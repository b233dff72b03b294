import type { AttackProblem, Rng } from '@rampart/core';

/**
 * The generators of all instances in an order of their own drawing: what looks at the instances in it does not depend
 * on the order that they came in.
 */
export function drawnOrder({ count, rng }: Pick<AttackProblem, 'count' | 'rng'>): DrawnOrder {
  const generators = Array.from({ length: count }, (_, i) => rng(i));
  const keys = Float64Array.from(generators, (generator) => generator.uniform());
  const instances = Int32Array.from(generators.keys()).sort((a, b) => keys[a]! - keys[b]! || a - b);
  return { instances, rng: generators[instances[0]!]! };
}

export interface DrawnOrder {
  /** Indices of all instances. */
  readonly instances: Int32Array;
  /** A generator for what the instances have in common: that of the first in the order. */
  readonly rng: Rng;
}
