import type { ImageShape } from '@rampart/core';

/** A rotation about the middle of an image, then a shift. */
export interface RigidMotion {
  /** Degrees, from the right-hand side to the bottom. */
  readonly angle: number;
  /** Pixels to the right. */
  readonly right: number;
  /** Pixels to the bottom. */
  readonly down: number;
}

/**
 * Writes an image after a rigid motion, sampled bilinearly.
 * @param image channels x height x width
 * @param fill the value beyond the image's edges; undefined continues the edges themselves
 */
export function moveImage(
  image: Float32Array,
  { channels, height, width }: ImageShape,
  { angle, right, down }: RigidMotion,
  fill: number | undefined,
  into: Float32Array,
): void {
  const radians = (angle * Math.PI) / 180;
  const cos = Math.cos(radians);
  const sin = Math.sin(radians);
  const middleX = (width - 1) / 2;
  const middleY = (height - 1) / 2;
  const size = height * width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Where this pixel came from: the motion undone.
      const dx = x - middleX - right;
      const dy = y - middleY - down;
      const fromX = middleX + cos * dx + sin * dy;
      const fromY = middleY - sin * dx + cos * dy;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const restX = fromX - left;
      const restY = fromY - top;
      for (let c = 0; c < channels; c++) {
        const offset = c * size;
        const upper =
          (1 - restX) * pixel(image, offset, height, width, top, left, fill) +
          restX * pixel(image, offset, height, width, top, left + 1, fill);
        const lower =
          (1 - restX) * pixel(image, offset, height, width, top + 1, left, fill) +
          restX * pixel(image, offset, height, width, top + 1, left + 1, fill);
        into[offset + y * width + x] = (1 - restY) * upper + restY * lower;
      }
    }
  }
}

function pixel(
  image: Float32Array,
  offset: number,
  height: number,
  width: number,
  y: number,
  x: number,
  fill: number | undefined,
): number {
  if (y >= 0 && y < height && x >= 0 && x < width) return image[offset + y * width + x]!;
  if (fill !== undefined) return fill;
  const row = y < 0 ? 0 : y < height ? y : height - 1;
  const column = x < 0 ? 0 : x < width ? x : width - 1;
  return image[offset + row * width + column]!;
}
