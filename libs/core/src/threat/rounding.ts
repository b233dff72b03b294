import type { Bounds } from './bounds';

const value32 = new Float32Array(1);
const bits = new Int32Array(value32.buffer);

/** The float32 next to a float32, in the direction of another that differs from it. */
export function stepToward(value: number, target: number): number {
  value32[0] = value;
  // The bits of a float32 count up with its magnitude: one more or less is its neighbour, except across zero.
  if (value === 0) bits[0] = target > 0 ? 1 : -0x7fffffff;
  else bits[0] = bits[0]! + (target > value === value > 0 ? 1 : -1);
  return value32[0]!;
}

/** Every feature that is moved comes nearer by this much of its distance at least: more than sums in float64 err by. */
const LEAST_SHRINK = 1e-9;

/**
 * Takes back what rounding to float32 added to a distance: moves features of a point towards the origin, in place, by
 * one float32 each and as many as it takes, until the sum of |point - origin|^power is no more than `budget`. So a
 * projection is never outside its ball, and projecting it again changes nothing.
 */
export function trim(
  point: Float32Array,
  origin: Float32Array,
  budget: number,
  power: 1 | 2,
  { lower, upper }: Bounds,
): void {
  const size = point.length;
  // No rounding went into a feature at its bound, so it stays there unless the others are not enough.
  for (let spare = true; ; spare = false) {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const moved = Math.abs(point[i]! - origin[i]!);
      sum += power === 1 ? moved : moved * moved;
    }
    if (!(sum > budget)) return;
    const excess = 1 - (power === 1 ? budget / sum : Math.sqrt(budget / sum));
    const shrink = Math.max(LEAST_SHRINK, excess);
    for (let i = 0; i < size && sum > budget; i++) {
      const value = point[i]!;
      const start = origin[i]!;
      if (value === start || (spare && (value === lower[i]! || value === upper[i]!))) continue;
      const shrunk = Math.fround(value + (start - value) * shrink);
      const nearer = shrunk === value ? stepToward(value, start) : shrunk;
      const before = Math.abs(value - start);
      const after = Math.abs(nearer - start);
      sum -= power === 1 ? before - after : before * before - after * after;
      point[i] = nearer;
    }
  }
}
