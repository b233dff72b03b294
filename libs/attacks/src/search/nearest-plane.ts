import type { AttackInstance, Bounds } from '@rampart/core';

import { type Plane, planeStep, solvePlane } from './hyperplane';

/** A linear approximation of a decision boundary at a point, whose signed margin comes with it. */
export interface BoundaryPlane extends Plane {
  readonly margin: number;
}

/** The boundary towards one other class or, without a rival, the margin's: that of a target too. */
export async function planeAt(instance: AttackInstance, point: Float32Array, rival?: number): Promise<BoundaryPlane> {
  const loss = rival === undefined ? 'margin' : 'difference';
  const { loss: value, margin, gradient } = await instance.gradient(point, loss, rival);
  return { value, slope: gradient, margin };
}

/**
 * Of the boundaries towards several classes the nearest (Moosavi-Dezfooli et al. 2016, equation 8; Croce and Hein 2020,
 * equation 7). Costs a gradient a class.
 * @param bounds what the way there must stay inside; none where nothing is said
 */
export async function nearestPlaneAt(
  instance: AttackInstance,
  point: Float32Array,
  rivals: Int32Array,
  bounds?: Bounds,
): Promise<BoundaryPlane> {
  const { norm } = instance;
  const planes = await Promise.all(Array.from(rivals, (rival) => planeAt(instance, point, rival)));
  const step = planeStep();
  let nearest = planes[0]!;
  let least = Infinity;
  for (const plane of planes) {
    const dual = norm.dual(plane.slope);
    // A function without a slope leads nowhere.
    if (!(dual > 0)) continue;
    if (bounds) solvePlane(norm, plane, point, bounds, step);
    const distance = bounds ? step.length : Math.abs(plane.value) / dual;
    if (distance >= least) continue;
    least = distance;
    nearest = plane;
  }
  return nearest;
}
