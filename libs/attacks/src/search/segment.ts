import type { AttackInstance } from '@rampart/core';

/** One end of a segment. */
export interface SegmentEnd {
  readonly point: Float32Array;
  /** The signed margin there. */
  readonly margin: number;
}

/** How far beyond the root of the secant to go, as a part of what is left: just on it a point does not evade yet. */
const BEYOND = 0.02;

/**
 * Looks for an evading point nearer to the first end of a segment, which does not evade, than its second, which does:
 * each step asks about the root of the margin's secant and takes the part of the segment that the boundary is on.
 * Costs a forward evaluation a step; the base keeps what is found.
 * @see Croce and Hein (2020), "Minimally distorted adversarial examples with a fast adaptive boundary attack",
 *   section 3.4
 */
export async function searchSegment(
  instance: AttackInstance,
  clean: SegmentEnd,
  evading: SegmentEnd,
  steps: number,
): Promise<void> {
  const { features } = instance;
  const point = new Float32Array(features);
  let low = 0;
  let high = 1;
  let lowMargin = clean.margin;
  let highMargin = evading.margin;
  for (let step = 0; step < steps; step++) {
    const root = lowMargin / (lowMargin - highMargin);
    // Margins of NaN or Infinity know no root.
    const part = root >= 0 && root <= 1 ? root + BEYOND * (1 - root) : 0.5;
    const t = low + part * (high - low);
    for (let k = 0; k < features; k++) point[k] = clean.point[k]! + t * (evading.point[k]! - clean.point[k]!);
    const margin = await instance.margin(point);
    if (margin < 0) {
      high = t;
      highMargin = margin;
    } else {
      low = t;
      lowMargin = margin;
    }
  }
}
