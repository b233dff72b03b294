/** Steps before which nothing is said. */
const FIRST = 10;

/** A distance after t steps may be too large by the factor 1 + LEEWAY / t before anything is said. */
const LEEWAY = 20;

/** How many times as fast as it did a distance may be expected to fall from now on. */
const HOPE = 2;

/**
 * Tells of a run, from how its nearest example came nearer so far, whether it will come within a distance at all. It will
 * not where it is far from it still, and would be even if the distance went on to fall twice as fast as it did in the
 * second half of its steps; as a rule runs slow down.
 */
export class Outlook {
  private readonly distances: Float64Array;

  constructor(private readonly steps: number) {
    this.distances = new Float64Array(steps);
  }

  /**
   * Notes the distance of the nearest example after a number of steps.
   * @param distance Infinity where there is none yet
   * @param step from 0 on, one higher each time
   */
  isHopeless(distance: number, step: number, bound: number): boolean {
    this.distances[step] = distance;
    const half = step >> 1;
    const before = this.distances[half]!;
    if (step < FIRST || before === Infinity) return false;
    if (!(distance > (1 + LEEWAY / step) * bound)) return false;
    const left = (this.steps - step) / (step - half);
    return distance * (distance / before) ** (HOPE * left) > bound;
  }
}
