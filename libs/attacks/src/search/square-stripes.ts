import type { AttackInstance } from '@rampart/core';

import { Prospects } from './prospects';
import { type Plane, planeOf, windowPart, windowPlace, type WindowSize, windowSize } from './square-windows';

/** How many queries the Square attack has, and the part of the image that its first window covers. */
export interface SquareOptions {
  readonly queries: number;
  readonly part: number;
  /** Whether a search is given up that is not getting there: see `Prospects`. */
  readonly giveUp?: boolean;
}

/** Windows that are drawn, at the most, for one that would change something. */
const DRAWS = 10;

/**
 * The Square attack in linf (Andriushchenko et al. 2020, algorithms 1 and 2): every feature is at the lower or the upper
 * end of the ball, at first in vertical stripes. A query sets one window of each channel to one of both ends; what does
 * not raise the margin stays, so that on a plateau it wanders. A window that would change nothing is drawn anew, as in
 * the authors' first code.
 */
export async function searchStripes(instance: AttackInstance, { queries, part, giveUp }: SquareOptions): Promise<void> {
  const { original, epsilon, rng, features } = instance;
  const plane = planeOf(instance.shape);
  const [low, high] = [-epsilon, epsilon].map((move) => {
    const end = original.map((value) => value + move);
    instance.project(end);
    return end;
  }) as [Float32Array, Float32Array];

  const point = new Float32Array(features);
  for (let stripe = 0; stripe < plane.channels * plane.width; stripe++) {
    const end = rng.integer(2) === 0 ? low : high;
    const channel = Math.floor(stripe / plane.width) * plane.height * plane.width;
    for (let row = 0; row < plane.height; row++) {
      const k = channel + row * plane.width + (stripe % plane.width);
      point[k] = end[k]!;
    }
  }
  let lowest = (await instance.margins(point))[0]!;

  const before = new Float32Array(features);
  const prospects = new Prospects(queries);
  for (let query = 1; query < queries; query++) {
    const size = windowSize(plane, windowPart(query, queries, part));
    let place = 0;
    for (let draw = 0, changed = false; draw < DRAWS && !changed; draw++) {
      place = windowPlace(plane, size, rng);
      for (let channel = 0; channel < plane.channels; channel++) {
        const end = rng.integer(2) === 0 ? low : high;
        if (setWindow(point, end, before, plane, size, place, channel)) changed = true;
      }
    }
    const margin = (await instance.margins(point))[0]!;
    const same = margin === lowest;
    if (margin <= lowest) lowest = margin;
    else restore(point, before, plane, size, place);
    if (giveUp && prospects.isHopeless(query + 1, lowest, same)) return;
  }
}

/** Sets a window of one channel, and keeps what was there. Returns whether anything changed. */
function setWindow(
  point: Float32Array,
  values: Float32Array,
  before: Float32Array,
  { height, width }: Plane,
  { rows, columns }: WindowSize,
  place: number,
  channel: number,
): boolean {
  let changed = false;
  const first = channel * height * width + place;
  for (let start = first; start < first + rows * width; start += width) {
    for (let k = start; k < start + columns; k++) {
      const old = point[k]!;
      const value = values[k]!;
      before[k] = old;
      if (old === value) continue;
      point[k] = value;
      changed = true;
    }
  }
  return changed;
}

/** Undoes what was done to a window, in all channels. */
function restore(
  point: Float32Array,
  before: Float32Array,
  { channels, height, width }: Plane,
  { rows, columns }: WindowSize,
  place: number,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const first = channel * height * width + place;
    for (let start = first; start < first + rows * width; start += width) {
      for (let k = start; k < start + columns; k++) point[k] = before[k]!;
    }
  }
}
