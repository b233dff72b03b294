import { type Bounds, NORMS, type PixelBox, type Threat } from '@rampart/core';

/** What rounding of features to float32 makes of a distance or a bound. */
const ROUNDING = 1e-6;

/** The 8-bit level nearest to a value: 0 at the box's lower end, 255 at the upper. */
export function byteOf(value: number, box: PixelBox): number {
  return Math.min(255, Math.max(0, Math.round(levelOf(value, box))));
}

/** The value that an 8-bit level stands for. */
export function valueOf(byte: number, { min, max }: PixelBox): number {
  return Math.fround(min + ((max - min) / 255) * byte);
}

/** The same values, each rounded to the nearest of the 256 levels of the box. */
export function roundedTo8Bit(values: Float32Array, box: PixelBox): Float32Array {
  return values.map((value) => valueOf(byteOf(value, box), box));
}

/**
 * How the changes of an example become 8-bit values: to the nearest level; away from the original, as many as the ball
 * has room for, those first that are nearest to the outer level; or towards the original.
 */
export const ROUNDINGS = ['nearest', 'away', 'towards'] as const;

export type Rounding = (typeof ROUNDINGS)[number];

/** An example as it is to be rounded: one instance. */
export interface RoundedExample {
  readonly example: Float32Array;
  readonly original: Float32Array;
  readonly bounds: Bounds;
  /** Undefined where the attack has no ball. */
  readonly ball: Threat | undefined;
  readonly box: PixelBox;
}

/** The example in 8-bit values; undefined where that is outside its ball or bounds. */
export function in8Bit(rounded: RoundedExample, rounding: Rounding): Uint8Array | undefined {
  const { example, original, bounds, ball, box } = rounded;
  const levels = Uint8Array.from(example, (value, k) => {
    if (rounding === 'nearest' || value === original[k]!) return byteOf(value, box);
    return sideOf(value, original[k]!, 'inner', box);
  });
  if (rounding === 'away') moveOutwards(levels, rounded);
  const values = Float32Array.from(levels, (level) => valueOf(level, box));
  const inside = values.every(
    (value, k) => value >= bounds.lower[k]! - ROUNDING && value <= bounds.upper[k]! + ROUNDING,
  );
  const near = !ball || NORMS[ball.norm].distance(values, original) <= ball.epsilon + ROUNDING;
  return inside && near ? levels : undefined;
}

/** Takes changed features to their outer level, in place, while ball and bounds allow it. */
function moveOutwards(levels: Uint8Array, { example, original, bounds, ball, box }: RoundedExample): void {
  const outer = (k: number) => sideOf(example[k]!, original[k]!, 'outer', box);
  const missing = (k: number) => Math.abs(outer(k) - levelOf(example[k]!, box));
  const changed = Array.from(levels.keys()).filter((k) => example[k] !== original[k] && outer(k) !== levels[k]);
  changed.sort((a, b) => missing(a) - missing(b) || a - b);
  const distanceOf = (k: number, level: number) => Math.abs(valueOf(level, box) - original[k]!);
  // l1 and l2 have a budget that the features share; in l-infinity each has its own, and in l0 none.
  const power = ball?.norm === 'l2' ? 2 : 1;
  const shared = ball?.norm === 'l1' || ball?.norm === 'l2';
  const budget = ball ? ball.epsilon ** power : Infinity;
  let spent = 0;
  levels.forEach((level, k) => (spent += distanceOf(k, level) ** power));
  for (const k of changed) {
    const level = outer(k);
    const value = valueOf(level, box);
    if (value < bounds.lower[k]! - ROUNDING || value > bounds.upper[k]! + ROUNDING) continue;
    const more = distanceOf(k, level) ** power - distanceOf(k, levels[k]!) ** power;
    if (shared && spent + more > budget) continue;
    if (ball?.norm === 'linf' && distanceOf(k, level) > ball.epsilon + ROUNDING) continue;
    spent += more;
    levels[k] = level;
  }
}

/** The level on the side of the original, or on the other one; a value on a level, up to rounding, is at both. */
function sideOf(value: number, original: number, side: 'inner' | 'outer', box: PixelBox): number {
  const level = levelOf(value, box);
  const up = value > original === (side === 'outer');
  return Math.min(255, Math.max(0, up ? Math.ceil(level - 1e-4) : Math.floor(level + 1e-4)));
}

function levelOf(value: number, { min, max }: PixelBox): number {
  return ((value - min) / (max - min)) * 255;
}
