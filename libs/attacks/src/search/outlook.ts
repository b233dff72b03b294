/**
 * After these parts of its steps a run is given up whose nearest example is farther away than this many times what it has
 * to come within. A run is fast at first and hardly moves later: of 468 runs on four networks, in l-infinity and l2,
 * none ended at less than 1 / 1.85, 1 / 1.2 and 1 / 1.17 of the distance that it had reached there.
 */
const LOOKS = [
  [0.15, 2.2],
  [0.3, 1.35],
  [0.5, 1.2],
] as const;

/**
 * Whether a run will not come within a distance, as far as its nearest example tells.
 * @param distance that of the nearest example; Infinity where there is none yet
 * @param part the part of its steps that it has made
 */
export function isHopeless(distance: number, part: number, bound: number): boolean {
  const look = LOOKS.findLast(([from]) => part >= from);
  if (!look || bound === Infinity) return false;
  // What has not found anything at first may still.
  return distance === Infinity ? part >= LOOKS.at(-1)![0] : distance > look[1] * bound;
}
