import type { AttackInstance } from '@rampart/core';

import { AdamMoments } from './adam-moments';
import { TanhSpace } from './tanh-space';

/** How the loss of Carlini and Wagner's attacks is lowered. */
export interface WeighedDescentOptions {
  /** Steps of Adam, at the most. */
  readonly steps: number;
  readonly learningRate: number;
  /** How far below 0 the margin is lowered. */
  readonly kappa: number;
  /** Whether to stop once the loss falls no further. */
  readonly abortEarly: boolean;
}

/** What a descent weighs. Distances are in widths of the pixel box. */
export interface Weighing {
  /** The weight c of the margin. */
  readonly constant: number;
  /** Counts only what features move beyond this, each by itself; without it the squared Euclidean distance counts. */
  readonly tau?: number;
  /** The most that a feature of an example may move. */
  readonly limit?: number;
  /** Whether to stop at the first success. */
  readonly first?: boolean;
}

/** A step, in the variables of tanh space, as a part of tau: a feature moves by half of it at the most. */
const FINENESS = 0.05;

/** How often an early end is thought of. */
const CHECKS = 10;

/** The lowest loss must have come down to this part of what it was at the check before. */
const LESS = 0.9999;

/**
 * Lowers distance + c x max(margin, -kappa) with Adam, in variables that keep the features inside their bounds (Carlini
 * and Wagner 2017, sections V and VI). A success is a point that evades by kappa and, where there is a tau, moves no
 * feature beyond it.
 */
export class WeighedDescent {
  /** The point that was asked about last. */
  readonly point: Float32Array;
  /** The margin's gradient there. */
  gradient: Float32Array;
  /** 0 for features that stay as they are. */
  readonly free: Uint8Array;
  private readonly space: TanhSpace;
  private readonly variables: Float64Array;
  private readonly slopes: Float64Array;
  private readonly step: Float32Array;
  private moments: AdamMoments;
  private largest = 0;

  constructor(
    private readonly instance: AttackInstance,
    private readonly options: WeighedDescentOptions,
  ) {
    const { features, bounds } = instance;
    this.space = new TanhSpace(bounds);
    this.variables = new Float64Array(features);
    this.slopes = new Float64Array(features);
    this.point = instance.original.slice();
    this.gradient = new Float32Array(features);
    this.step = new Float32Array(features);
    this.free = new Uint8Array(features).fill(1);
    this.moments = new AdamMoments(features);
  }

  /** Goes to where the next run begins. */
  start(point: Float32Array): void {
    this.space.enter(point, this.variables);
    this.moments = new AdamMoments(point.length);
  }

  /** Returns whether there was a success. Ends at the point that it asked about last. */
  async run(weighing: Weighing): Promise<boolean> {
    const { instance, options, point, variables, step } = this;
    const { kappa, abortEarly, learningRate } = options;
    const period = Math.ceil(options.steps / CHECKS);
    // No step is so long that a feature could not stop at the limit.
    const rate = Math.min(learningRate, weighing.tau === undefined ? Infinity : FINENESS * weighing.tau);
    let found = false;
    let before = Infinity;
    let lowest = Infinity;
    for (let count = 0; count < options.steps; count++) {
      this.leaveSpace();
      const { margin, gradient } = await instance.gradient(point, 'margin');
      this.gradient = gradient;
      const distance = this.weigh(weighing, margin > -kappa ? weighing.constant : 0);
      if (margin < -kappa && this.largest <= (weighing.limit ?? Infinity)) {
        found = true;
        if (weighing.first) return true;
      }
      lowest = Math.min(lowest, distance + weighing.constant * Math.max(margin, -kappa));
      if (abortEarly && (count + 1) % period === 0) {
        if (!(lowest < LESS * before)) return found;
        before = lowest;
      }
      this.moments.direct(step);
      for (let k = 0; k < step.length; k++) variables[k] = variables[k]! - rate * step[k]!;
    }
    return found;
  }

  private leaveSpace(): void {
    const { point, slopes, free } = this;
    const { original } = this.instance;
    this.space.leave(this.variables, point, slopes);
    for (let k = 0; k < point.length; k++) {
      if (free[k] === 1) continue;
      point[k] = original[k]!;
      slopes[k] = 0;
    }
  }

  /** Writes the loss's slopes. Returns the distance. */
  private weigh({ tau }: Weighing, weight: number): number {
    const { point, gradient, slopes, step } = this;
    const { original, box } = this.instance;
    const width = box.max - box.min;
    let distance = 0;
    let largest = 0;
    for (let k = 0; k < step.length; k++) {
      const moved = (point[k]! - original[k]!) / width;
      let slope: number;
      if (tau === undefined) {
        distance += moved * moved;
        slope = 2 * moved;
      } else {
        const size = Math.abs(moved);
        const beyond = size - tau;
        if (size > largest) largest = size;
        distance += beyond > 0 ? beyond : 0;
        slope = beyond > 0 ? Math.sign(moved) : 0;
      }
      step[k] = (slope / width + weight * gradient[k]!) * slopes[k]!;
    }
    this.largest = largest;
    return distance;
  }
}
