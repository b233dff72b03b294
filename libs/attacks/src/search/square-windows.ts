import type { ImageShape, Rng } from '@rampart/core';

/** A sample as the windows of the Square attack see it; row-major, channel by channel. */
export interface Plane {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A sample that is no image is one row, of one channel where all it has is channels: its windows are segments. */
export function planeOf({ channels, height, width }: ImageShape): Plane {
  if (height > 1 && width > 1) return { channels, height, width };
  const length = height * width;
  return length === 1 ? { channels: 1, height: 1, width: channels } : { channels, height: 1, width: length };
}

/** Queries, of 10,000, after which the part of the image that a window covers is halved. */
const HALVINGS = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/**
 * The part of the image that the window of a query covers: `first` at the start, halved nine times at fixed parts of
 * all the queries (Andriushchenko et al. 2020, section 3.1; rescaled as the authors do).
 * @param query counted from 0
 */
export function windowPart(query: number, queries: number, first: number): number {
  const scaled = Math.floor((query / queries) * 10_000);
  let part = first;
  for (const halving of HALVINGS) {
    if (scaled <= halving) break;
    part /= 2;
  }
  return part;
}

/** Height and width of a window. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** The square that covers about this part of a plane; where it is longer than the plane, a rectangle of that area. */
export function windowSize({ height, width }: Plane, part: number): WindowSize {
  const area = part * height * width;
  const side = Math.max(1, Math.round(Math.sqrt(area)));
  if (side > height) return { rows: height, columns: Math.min(width, Math.max(1, Math.round(area / height))) };
  if (side > width) return { rows: Math.min(height, Math.max(1, Math.round(area / width))), columns: width };
  return { rows: side, columns: side };
}

/** The upper left cell of a window, of all places where it is inside the plane. */
export function windowPlace({ height, width }: Plane, { rows, columns }: WindowSize, rng: Rng): number {
  return rng.integer(height - rows + 1) * width + rng.integer(width - columns + 1);
}
