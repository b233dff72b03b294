import type { PixelBox } from '@rampart/core';

/** The 8-bit level nearest to a value: 0 at the box's lower end, 255 at the upper. */
export function byteOf(value: number, { min, max }: PixelBox): number {
  return Math.min(255, Math.max(0, Math.round(((value - min) / (max - min)) * 255)));
}

/** The value that an 8-bit level stands for. */
export function valueOf(byte: number, { min, max }: PixelBox): number {
  return Math.fround(min + ((max - min) / 255) * byte);
}

/** The same values, each rounded to the nearest of the 256 levels of the box. */
export function roundedTo8Bit(values: Float32Array, box: PixelBox): Float32Array {
  return values.map((value) => valueOf(byteOf(value, box), box));
}
