import { RampartError } from './error';

/** The closed interval that every pixel lies in. Every epsilon and every distortion is in its units. */
export interface PixelBox {
  readonly min: number;
  readonly max: number;
}

/** The publication's box (section 4): [-0.5, 0.5]. */
export const PUBLICATION_BOX: PixelBox = { min: -0.5, max: 0.5 };

/** @throws RampartError `usage` unless min < max and both are finite. */
export function pixelBox(min: number, max: number): PixelBox {
  if (!Number.isFinite(min) || !Number.isFinite(max) || min >= max) {
    throw new RampartError({
      code: 'usage',
      message: `A pixel box needs finite bounds with min < max. Received: min=${min}, max=${max}.`,
    });
  }
  return { min, max };
}

/** The value nearest to `value` inside the box; NaN stays NaN. */
export function clip(value: number, box: PixelBox): number {
  return value < box.min ? box.min : value > box.max ? box.max : value;
}

/** Clips every element in place and returns the array. */
export function clipInPlace(values: Float32Array, box: PixelBox): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = clip(values[i]!, box);
  return values;
}
