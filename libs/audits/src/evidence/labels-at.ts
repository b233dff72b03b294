import type { AuditSubject } from '@rampart/core';

/** The true classes of some of the attacked instances, by their positions. */
export function labelsAt({ test, attacked }: AuditSubject, positions: Int32Array): Int32Array {
  return positions.map((position) => test.labels[attacked[position]!]!);
}
