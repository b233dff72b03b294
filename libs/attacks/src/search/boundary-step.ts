import type { AttackInstance } from '@rampart/core';

import { type Plane, planeStep, solvePlane, TINY } from './hyperplane';

/** How a step towards a decision boundary is made; the names are those of the paper. */
export interface BoundaryStepOptions {
  /** The most that the step from the original counts for. */
  readonly alphaMax: number;
  /** How far beyond the hyperplane a step goes: 1 ends just on it. */
  readonly eta: number;
}

/**
 * The step of the fast adaptive boundary attack: the mean of the shortest steps to a hyperplane from a point and from
 * the original, both of them inside the bounds and both a little overdone (Croce and Hein 2020, equations 8 and 9).
 */
export class BoundaryStep {
  private readonly own = planeStep();
  private readonly first = planeStep();
  /** What a point and the original, their own steps counted, are multiplied with. */
  private ownPart = 0;
  private firstPart = 0;

  constructor(
    private readonly instance: AttackInstance,
    private readonly options: BoundaryStepOptions,
  ) {}

  /**
   * Moves a point, in place.
   * @param plane the boundary's linear approximation at the point
   * @returns whether it leads anywhere
   */
  move(point: Float32Array, plane: Plane): boolean {
    const { own, first, instance, options } = this;
    const { original, norm, bounds } = instance;
    solvePlane(norm, plane, point, bounds, own);
    solvePlane(norm, { value: valueAt(original, plane, point), slope: plane.slope }, original, bounds, first);
    const lengths = own.length + first.length;
    if (!(lengths > 0)) return false;
    this.firstPart = Math.min(own.length / lengths, options.alphaMax);
    this.ownPart = 1 - this.firstPart;
    if (norm.name === 'l1') this.blendGreedy(point, plane.slope);
    else this.blendLevel(point, plane.slope);
    return true;
  }

  /**
   * In l2 and l-infinity: see `PlaneStep` for what the rules say. That nothing here branches makes it three times as
   * fast; (|x - low| - |x - high| + low + high) / 2 is x, clipped.
   */
  private blendLevel(point: Float32Array, slope: Float32Array): void {
    const { ownPart, firstPart, own, first } = this;
    const { eta } = this.options;
    const { original, norm } = this.instance;
    const { lower, upper } = this.instance.bounds;
    const euclidean = norm.name === 'l2';
    const level = own.sign * own.level;
    const firstLevel = first.sign * first.level;
    for (let k = 0; k < point.length; k++) {
      const w = slope[k]!;
      const x = point[k]!;
      const start = original[k]!;
      const low = lower[k]!;
      const high = upper[k]!;
      const middle = low + high;
      const speed = euclidean ? w : w / (Math.abs(w) + TINY);
      const aim = x - level * speed;
      const firstAim = start - firstLevel * speed;
      const there = 0.5 * (Math.abs(aim - low) - Math.abs(aim - high) + middle);
      const firstThere = 0.5 * (Math.abs(firstAim - low) - Math.abs(firstAim - high) + middle);
      const moved = ownPart * (x + eta * (there - x)) + firstPart * (start + eta * (firstThere - start));
      point[k] = 0.5 * (Math.abs(moved - low) - Math.abs(moved - high) + middle);
    }
  }

  private blendGreedy(point: Float32Array, slope: Float32Array): void {
    const { ownPart, firstPart, own, first } = this;
    const { original } = this.instance;
    const { lower, upper } = this.instance.bounds;
    const { eta } = this.options;
    for (let k = 0; k < point.length; k++) {
      const w = slope[k]!;
      const x = point[k]!;
      const start = original[k]!;
      const low = lower[k]!;
      const high = upper[k]!;
      const middle = 0.5 * (low + high);
      const weight = Math.abs(w);
      const reach = 0.5 * (high - low) * (w / (weight + TINY));
      const part = Number(weight > own.level) + own.share * Number(weight === own.level);
      const firstPart_ = Number(weight > first.level) + first.share * Number(weight === first.level);
      const step = part * (middle - own.sign * reach - x);
      const firstStep = firstPart_ * (middle - first.sign * reach - start);
      const moved = ownPart * (x + eta * step) + firstPart * (start + eta * firstStep);
      point[k] = 0.5 * (Math.abs(moved - low) - Math.abs(moved - high)) + middle;
    }
  }
}

/** The value that a linear function has elsewhere. */
function valueAt(elsewhere: Float32Array, { value, slope }: Plane, point: Float32Array): number {
  let sum = value;
  for (let k = 0; k < point.length; k++) sum += slope[k]! * (elsewhere[k]! - point[k]!);
  return sum;
}
