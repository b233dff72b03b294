import type { Bounds } from '@rampart/core';

/** How near to its bounds a point comes at first, as a part of the way there: at a bound it could not move any more. */
const INSIDE = 0.999;

/**
 * A change of variables that keeps a point inside its bounds: x = middle + half x tanh(w) for any w (Carlini and Wagner
 * 2017, section V-B). A feature that may not change has half 0.
 */
export class TanhSpace {
  private readonly middle: Float64Array;
  private readonly half: Float64Array;

  constructor({ lower, upper }: Bounds) {
    const size = lower.length;
    this.middle = new Float64Array(size);
    this.half = new Float64Array(size);
    for (let k = 0; k < size; k++) {
      this.middle[k] = (lower[k]! + upper[k]!) / 2;
      this.half[k] = (upper[k]! - lower[k]!) / 2;
    }
  }

  /** Writes the variables of a point, or of one just inside where it is at its bounds. */
  enter(point: Float32Array, variables: Float64Array): void {
    for (let k = 0; k < point.length; k++) {
      const half = this.half[k]!;
      variables[k] = half > 0 ? Math.atanh(((point[k]! - this.middle[k]!) / half) * INSIDE) : 0;
    }
  }

  /** Writes the point of variables, and d point / d variable of each feature. */
  leave(variables: Float64Array, point: Float32Array, slopes: Float64Array): void {
    const { middle, half } = this;
    for (let k = 0; k < point.length; k++) {
      // tanh(w), in a third of the time that Math.tanh takes.
      const tanh = 1 - 2 / (Math.exp(2 * variables[k]!) + 1);
      const width = half[k]!;
      point[k] = middle[k]! + width * tanh;
      slopes[k] = width * (1 - tanh * tanh);
    }
  }
}
