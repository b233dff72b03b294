import type { AttackInstance } from '@rampart/core';

import { planeOf } from './square-windows';

/** Points that are drawn together. */
const GROUP = 16;

/** How far points are on the way from the original to noise. */
const WHOLE = [1];
const ON_THE_WAY = [0.5, 0.25, 0.75, 0.125];

/**
 * A random point that evades, wherever it is: uniform noise first, and where none of that evades noise of ever larger
 * cells, up to one colour all over, and of the ends of the bounds alone. Where no noise evades, as of a model that rejects
 * what looks like none of its images, the same on the way from the original to it. Knows of each point nothing but
 * whether it evades.
 * @param most points of noise to ask about, and as many on the way
 * @returns undefined where none does
 */
export async function evadingStart(instance: AttackInstance, most = 1000): Promise<Float32Array | undefined> {
  const { features, original, shape } = instance;
  const { height, width } = planeOf(shape);
  const sides = 1 + Math.ceil(Math.log2(Math.max(height, width)));
  for (const parts of [WHOLE, ON_THE_WAY]) {
    for (let asked = 0, group = 0; asked < most; asked += GROUP, group++) {
      const count = Math.min(GROUP, most - asked);
      const points = new Float32Array(count * features);
      const side = 2 ** ((group >> 1) % sides);
      const part = parts[Math.floor(group / (2 * sides)) % parts.length]!;
      for (let i = 0; i < count; i++) {
        drawCells(instance, side, group % 2 === 1, points, i * features);
        for (let k = 0; part < 1 && k < features; k++) {
          const offset = i * features + k;
          points[offset] = original[k]! + part * (points[offset]! - original[k]!);
        }
      }
      const margins = await instance.margins(points);
      const found = margins.findIndex((margin) => margin < 0);
      if (found >= 0) return points.slice(found * features, (found + 1) * features);
    }
  }
  return undefined;
}

/**
 * Writes a point whose cells, squares of one channel, are at the same place of their bounds each.
 * @param ends whether that is either end, or anywhere between
 */
function drawCells(
  { shape, bounds, rng }: AttackInstance,
  side: number,
  ends: boolean,
  into: Float32Array,
  offset: number,
): void {
  const { channels, height, width } = planeOf(shape);
  const across = Math.ceil(width / side);
  const cells = new Float64Array(Math.ceil(height / side) * across);
  for (let channel = 0, k = 0; channel < channels; channel++) {
    for (let cell = 0; cell < cells.length; cell++) cells[cell] = ends ? rng.integer(2) : rng.uniform();
    for (let row = 0; row < height; row++) {
      const first = Math.floor(row / side) * across;
      for (let column = 0; column < width; column++, k++) {
        const part = cells[first + Math.floor(column / side)]!;
        into[offset + k] = bounds.lower[k]! + part * (bounds.upper[k]! - bounds.lower[k]!);
      }
    }
  }
}
