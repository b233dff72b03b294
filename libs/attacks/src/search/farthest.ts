import type { AttackInstance } from '@rampart/core';

/** The distance of the farthest point of the feasible box, one of its corners. */
export function farthest({ original, bounds: { lower, upper }, norm }: AttackInstance): number {
  const corner = original.slice();
  for (let k = 0; k < corner.length; k++) {
    corner[k] = upper[k]! - original[k]! > original[k]! - lower[k]! ? upper[k]! : lower[k]!;
  }
  return norm.distance(corner, original);
}
