import { type Bounds, type Norm, NORMS } from '@rampart/core';

import type { Plane } from './hyperplane';

/** A length is taken as that of the trust region at this part of it. */
const CLOSE = 1e-3;
/** The same for what a step adds to the linear function. */
const EXACT = 1e-6;
const INNER_ROUNDS = 60;
const OUTER_ROUNDS = 30;
/** How many radii a feature of the mean slope would move that goes as far as it can. */
const FAR = 1e3;
/** The least multiplier of the trust region that is told from 0. */
const LEAST = 1e-9;

/** A sparse step looks at features at home whose slope is at least this part of the steepest. */
const STEEP = 1 / 8;

/** What the multiplier of a trust region is good for: see `stepOf`. */
type Rule = 'shortest' | 'l2' | 'l1';

/**
 * The step of Brendel and Bethge's attack: of the steps from a point that end on a hyperplane, inside the bounds and a
 * Euclidean ball, the one that ends nearest to the original in the norm. By the conditions of Karush, Kuhn and Tucker
 * each feature's part is known from two unknowns: the multiplier of the hyperplane, and that of the ball or, in
 * l-infinity, the distance to come down to. Both are roots of monotone functions. Where no step inside the ball reaches
 * the hyperplane it is the one that comes nearest to it. In l0, which is not convex, it is that of l1, the nearest norm
 * that is: it too brings feature after feature home.
 * @see Brendel, Rauber, Kuemmerer, Ustyuzhaninov, Bethge (2019), "Accurate, reliable and fast robustness evaluation",
 *   section 3.2
 */
export class TrustRegionStep {
  /** Parts of the step, one value a feature; what takes the point back to the original; and the room there is. */
  private readonly step: Float64Array;
  private readonly home: Float64Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private slope: Float32Array;
  /** Every feature; and those that a sparse step can move where lambda is no larger than that. */
  private readonly all: Int32Array;
  private readonly movable: Int32Array;
  private movableCount = 0;
  private largestLambda = 0;
  /** What the step is to add to the linear function. */
  private change = 0;
  /** The multipliers, from call to call: those of the next step are about as large. */
  private lambda = 0;
  private mu = 1;
  /** What the step adds, and its derivative by lambda. */
  private sum = 0;
  private rate = 0;

  constructor(
    private readonly norm: Norm,
    private readonly original: Float32Array,
    private readonly bounds: Bounds,
  ) {
    const size = original.length;
    this.step = new Float64Array(size);
    this.home = new Float64Array(size);
    this.low = new Float64Array(size);
    this.high = new Float64Array(size);
    this.all = Int32Array.from({ length: size }, (_, k) => k);
    this.movable = new Int32Array(size);
    this.slope = original;
  }

  /**
   * Moves a point, in place.
   * @param point inside the bounds
   * @param plane its value is that at the point
   * @param radius the ball's, in l2
   */
  move(point: Float32Array, plane: Plane, radius: number): void {
    const { original, step, home, norm } = this;
    const { lower, upper } = this.bounds;
    this.slope = plane.slope;
    this.change = -plane.value;
    for (let k = 0; k < point.length; k++) home[k] = original[k]! - point[k]!;
    this.leaveRoom(point, Infinity);
    const shortest = this.hasRoom() && this.reach('shortest') ? this.length() : Infinity;
    if (!(shortest < radius)) this.shorten(radius, shortest === Infinity);
    else if (norm.name === 'linf') this.comeDown(point, radius);
    else if (norm.name === 'l2') this.comeHome('l2', radius);
    else {
      this.findMovable();
      this.comeHome('l1', radius);
    }
    for (let k = 0; k < point.length; k++) {
      // On the original to the last bit, where it ends there.
      const moved = step[k] === home[k] ? original[k]! : point[k]! + step[k]!;
      point[k] = moved < lower[k]! ? lower[k]! : moved > upper[k]! ? upper[k]! : moved;
    }
  }

  /** Sets the room of each feature: that within the bounds and, in l-infinity, within a distance of the original. */
  private leaveRoom(point: Float32Array, distance: number): void {
    const { low, high, home } = this;
    const { lower, upper } = this.bounds;
    for (let k = 0; k < point.length; k++) {
      low[k] = Math.max(lower[k]! - point[k]!, home[k]! - distance);
      high[k] = Math.min(upper[k]! - point[k]!, home[k]! + distance);
    }
  }

  /** The nearest step whose length is the ball's radius, or less where the hyperplane alone decides. */
  private comeHome(rule: 'l2' | 'l1', radius: number): void {
    const length = (log: number) => {
      this.mu = Math.exp(log);
      this.reach(rule);
      return this.length();
    };
    // The length falls as the multiplier grows, by no more than its own part.
    const least = Math.log(LEAST);
    let below = least;
    let above = Infinity;
    let log = Math.max(least, Math.log(this.mu));
    let [lastLog, lastLength] = [NaN, NaN];
    for (let round = 0; round < OUTER_ROUNDS; round++) {
      const now = length(log);
      const excess = Math.log(now / radius);
      if (Math.abs(excess) < CLOSE || (excess < 0 && log === least)) return;
      if (excess > 0) below = log;
      else above = log;
      const fall = (Math.log(now) - Math.log(lastLength)) / (lastLog - log);
      [lastLog, lastLength] = [log, now];
      log += excess / (fall > 0.05 ? fall : 0.5);
      // A step that is short already may be so without the ball.
      if (excess < 0 && below === least && !(log > least + 1)) log = least;
      else if (!(log > below && log < above)) log = above === Infinity ? below + 2 : (below + above) / 2;
    }
    // Longer than the ball it must not be.
    if (this.length() > radius * (1 + CLOSE) && above < Infinity) length(above);
  }

  /** In l-infinity: comes down to the least distance from which the hyperplane is within the ball's reach. */
  private comeDown(point: Float32Array, radius: number): void {
    const { home } = this;
    let high = 0;
    for (let k = 0; k < home.length; k++) high = Math.max(high, Math.abs(home[k]!));
    let low = Math.max(0, high - radius);
    // Where it is and where the shortest step ends, it is feasible; that step may go beyond the distance of the point.
    for (let k = 0; k < home.length; k++) high = Math.max(high, Math.abs(home[k]! - this.step[k]!));
    const close = CLOSE * (high - low) + Number.EPSILON * high;
    while (high - low > close) {
      const middle = (low + high) / 2;
      this.leaveRoom(point, middle);
      if (this.hasRoom() && this.reach('shortest') && this.length() <= radius) high = middle;
      else low = middle;
    }
    this.leaveRoom(point, high);
    this.reach('shortest');
  }

  /** A feature at home stays where lambda times its slope is at most 1: nearly all of them, at most lambdas. */
  private findMovable(): void {
    const { home, slope, movable } = this;
    let steepest = 0;
    for (let k = 0; k < home.length; k++) if (home[k] === 0) steepest = Math.max(steepest, Math.abs(slope[k]!));
    const steep = STEEP * steepest;
    let count = 0;
    for (let k = 0; k < home.length; k++) {
      if (home[k] !== 0 || Math.abs(slope[k]!) > steep) movable[count++] = k;
    }
    this.movableCount = count;
    // A rounding less, so that a product of the two is no larger than 1.
    this.largestLambda = (1 - 1e-9) / steep;
  }

  /** Whether the room that there is has a point of the hyperplane. */
  private hasRoom(): boolean {
    const { slope, low, high, change } = this;
    let least = 0;
    let most = 0;
    for (let k = 0; k < low.length; k++) {
      const down = slope[k]! * low[k]!;
      const up = slope[k]! * high[k]!;
      least += Math.min(down, up);
      most += Math.max(down, up);
    }
    return least <= change && change <= most;
  }

  /** As far towards the hyperplane as the ball lets it go; with `all` the bounds end before the hyperplane does. */
  private shorten(radius: number, all: boolean): void {
    if (all) {
      const size = NORMS.l2.dual(this.slope);
      this.lambda = size > 0 ? (Math.sign(-this.change) * FAR * radius) / size : 0;
    }
    let [below, above] = [0, this.lambda];
    for (let round = 0; round < INNER_ROUNDS && Math.abs(above - below) > CLOSE * Math.abs(above); round++) {
      const middle = (below + above) / 2;
      this.stepOf('shortest', middle);
      if (this.length() > radius) above = middle;
      else below = middle;
    }
    this.stepOf('shortest', below);
  }

  /** Finds the lambda with which the step ends on the hyperplane. Returns false where there is none. */
  private reach(rule: Rule): boolean {
    const { change } = this;
    let below = -Infinity;
    let above = Infinity;
    let stride = 0;
    for (let round = 0; round < INNER_ROUNDS; round++) {
      const { lambda } = this;
      this.stepOf(rule, lambda);
      const excess = this.sum - change;
      if (Math.abs(excess) <= EXACT * Math.abs(change) + Number.MIN_VALUE) return true;
      if (excess > 0) below = lambda;
      else above = lambda;
      let next = lambda + excess / this.rate;
      if (!(next > below && next < above && Number.isFinite(next))) {
        if (below > -Infinity && above < Infinity) {
          next = (below + above) / 2;
          if (next === below || next === above) break;
        } else {
          stride = Math.max(2 * stride, Math.abs(lambda), 1e-6);
          next = lambda + (excess > 0 ? stride : -stride);
          if (!(Math.abs(next) < 1e12)) return false;
        }
      }
      this.lambda = next;
    }
    this.stepOf(rule, this.lambda);
    return true;
  }

  /** Makes the step that belongs to a lambda, and to mu. */
  private stepOf(rule: Rule, lambda: number): void {
    this.sum = 0;
    this.rate = 0;
    if (rule === 'shortest') this.towardsPlane(lambda, 0, 1);
    else if (rule === 'l2') this.towardsPlane(lambda, 1, 1 + this.mu);
    else this.sparsely(lambda);
  }

  /** The minimiser of part |d - home|^2 / 2 + (whole - part) |d|^2 / 2 + lambda slope d. */
  private towardsPlane(lambda: number, part: number, whole: number): void {
    const { step, home, low, high, slope } = this;
    let sum = 0;
    let rate = 0;
    for (let k = 0; k < step.length; k++) {
      const w = slope[k]!;
      const free = (part * home[k]! - lambda * w) / whole;
      const down = low[k]!;
      const up = high[k]!;
      const moved = free < down ? down : free > up ? up : free;
      step[k] = moved;
      sum += w * moved;
      if (moved === free) rate += w * w;
    }
    this.sum = sum;
    this.rate = rate / whole;
  }

  /** The minimiser of |d - home| + mu d^2 / 2 + lambda slope d. */
  private sparsely(lambda: number): void {
    const { step, home, low, high, slope, mu } = this;
    const few = Math.abs(lambda) <= this.largestLambda;
    const features = few ? this.movable : this.all;
    const count = few ? this.movableCount : features.length;
    step.fill(0);
    let sum = 0;
    let rate = 0;
    for (let i = 0; i < count; i++) {
      const k = features[i]!;
      const w = slope[k]!;
      const most = (1 - lambda * w) / mu;
      const least = (-1 - lambda * w) / mu;
      const back = home[k]!;
      const free = back < least ? least : back > most ? most : back;
      const down = low[k]!;
      const up = high[k]!;
      const moved = free < down ? down : free > up ? up : free;
      step[k] = moved;
      sum += w * moved;
      if (moved === free && free !== back) rate += w * w;
    }
    this.sum = sum;
    this.rate = rate / mu;
  }

  private length(): number {
    const { step } = this;
    let squares = 0;
    for (let k = 0; k < step.length; k++) squares += step[k]! * step[k]!;
    return Math.sqrt(squares);
  }
}
