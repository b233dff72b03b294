import type { Bounds } from './bounds';

/** Moves every feature of a point to the nearest value inside its bounds, in place; NaN stays NaN. */
export function clipToBounds(point: Float32Array, { lower, upper }: Bounds): void {
  for (let i = 0; i < point.length; i++) {
    const value = point[i]!;
    const low = lower[i]!;
    const high = upper[i]!;
    if (value < low) point[i] = low;
    else if (value > high) point[i] = high;
  }
}
