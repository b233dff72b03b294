import { featureCount, type ImageBatch } from './image-batch';
import type { Bounds } from './threat/bounds';
import { linfDistance } from './threat/threat-model';
import type { ThreatModel } from './threat/threat-model';
import type { Feasibility } from './threat/feasible-set';
import type { Norm } from './threat/norm';
import { NORMS } from './threat/norms';

/** A candidate may leave box or budget by this much through rounding before it counts as corrected. */
const ROUNDING = 1e-5;

/** What the rounding of features to float32 makes of a distance; such points stay as they are, bit by bit. */
const EXACT = 1e-6;

/**
 * Projects candidates into the feasible set and the budget, in place. Returns how many were outside by more than
 * rounding.
 * @param first index of the first of them in the whole set
 */
export function enforce(
  candidates: Float32Array,
  batch: ImageBatch,
  threat: ThreatModel,
  feasibility: Feasibility,
  first = 0,
): number {
  const features = featureCount(batch.shape);
  const norm = threat.norm === 'none' ? NORMS.linf : NORMS[threat.norm];
  const epsilon = threat.norm === 'none' ? Infinity : threat.epsilon;
  const before = new Float32Array(features);
  let corrected = 0;
  for (let i = 0; i < batch.count; i++) {
    const offset = i * features;
    const point = candidates.subarray(offset, offset + features);
    const origin = batch.data.subarray(offset, offset + features);
    const bounds = feasibility.bounds(batch.data, offset, first + i);
    if (within(point, bounds) && norm.distance(point, origin) <= epsilon + EXACT && feasibility.continuous) continue;
    before.set(point);
    norm.project(point, origin, epsilon, bounds);
    if (!feasibility.continuous) roundWithin(point, origin, { norm, epsilon, feasibility, instance: first + i });
    if (linfDistance(before, point, 0, features) > ROUNDING) corrected++;
  }
  return corrected;
}

/**
 * Rounds a point of the ball and the bounds, in place, to values that its features may take: the nearest where these are
 * still in the ball, else the next ones towards the original.
 */
export function roundWithin(
  point: Float32Array,
  origin: Float32Array,
  {
    norm,
    epsilon,
    feasibility,
    instance = 0,
  }: {
    readonly norm: Norm;
    readonly epsilon: number;
    readonly feasibility: Feasibility;
    readonly instance?: number;
  },
): void {
  const projected = point.slice();
  feasibility.round(point, 0, origin, 0, { instance });
  if (norm.distance(point, origin) <= epsilon + EXACT) return;
  // From the projection: what was rounded outwards is a value that the feature may take, and would stay.
  point.set(projected);
  feasibility.round(point, 0, origin, 0, { instance, inward: true });
}

function within(point: Float32Array, { lower, upper }: Bounds): boolean {
  for (let k = 0; k < point.length; k++) if (!(point[k]! >= lower[k]! && point[k]! <= upper[k]!)) return false;
  return true;
}
