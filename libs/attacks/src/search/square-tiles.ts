import type { AttackInstance } from '@rampart/core';

import { Prospects } from './prospects';
import { normalise, pyramids } from './pyramids';
import type { SquareOptions } from './square-stripes';
import { type Plane, planeOf, windowPart, windowPlace, type WindowSize, windowSize } from './square-windows';

/** Windows that are drawn, at the most, for a pair that has some of the budget to be spent. */
const DRAWS = 10;

/** Rounds of solving for the scale of a window. */
const PASSES = 8;

/** The part of the budget that is left to rounding. */
const HELD_BACK = 1e-6;

/**
 * The Square attack in l2 (Andriushchenko et al. 2020, section 3.3, algorithm 3) and in l1 (AutoAttack's; Croce and Hein
 * 2021): the budget is spread over tiles of pyramids. A query takes what two windows have of it, with what is left over,
 * and spends it in the first, on what was there before and new pyramids in equal parts. What does not raise the margin
 * stays.
 */
export async function searchTiles(instance: AttackInstance, { queries, part, giveUp }: SquareOptions): Promise<void> {
  const tiles = new Tiles(instance);
  const prospects = new Prospects(queries);
  let lowest = (await instance.margins(tiles.point))[0]!;
  for (let query = 1; query < queries; query++) {
    tiles.move(windowPart(query, queries, part));
    const margin = (await instance.margins(tiles.point))[0]!;
    const same = margin === lowest;
    if (margin <= lowest) {
      lowest = margin;
      tiles.keep();
    } else {
      tiles.undo();
    }
    if (giveUp && prospects.isHopeless(query + 1, lowest, same)) return;
  }
}

/** A point whose change is made of tiles. Masses are sums of |change|^power: the norm in l1, its square in l2. */
class Tiles {
  /** The point to ask about. */
  readonly point: Float32Array;
  /** The point that moves start from; the other differs from it in the last move's windows alone. */
  private readonly kept: Float32Array;
  private readonly plane: Plane;
  private readonly power: 1 | 2;
  private readonly budget: number;
  private size: WindowSize = { rows: 0, columns: 0 };
  private patterns: readonly Float64Array[] = [];
  private values = new Float64Array(0);
  private first = 0;
  private second = 0;
  /** The mass of the point that moves start from. */
  private total: number;
  /** The mass of the point after the last move. */
  private next = 0;
  /** Whether the last move went beyond its windows. */
  private everywhere = false;

  /** Starts with tiles as long as a fifth of the image, each with pyramids of a random sign a channel. */
  constructor(private readonly instance: AttackInstance) {
    const { original, shape, norm, epsilon } = instance;
    this.plane = planeOf(shape);
    this.power = norm.name === 'l1' ? 1 : 2;
    this.budget = (epsilon * (1 - HELD_BACK)) ** this.power;
    const { height, width } = this.plane;
    this.resize({ rows: Math.max(1, Math.floor(height / 5)), columns: Math.max(1, Math.floor(width / 5)) });
    const { rows, columns } = this.size;
    const change = new Float64Array(original.length);
    for (let top = Math.floor((height % rows) / 2); top + rows <= height; top += rows) {
      for (let left = Math.floor((width % columns) / 2); left + columns <= width; left += columns) {
        this.lay(change, top * width + left);
      }
    }
    normalise(change, this.power, epsilon);
    this.point = original.map((value, k) => value + change[k]!);
    instance.project(this.point);
    this.kept = this.point.slice();
    this.total = this.mass();
  }

  /** Moves the mass of two windows, which cover this part of the image each, into the first of them. */
  move(part: number): void {
    const { plane, instance } = this;
    const { rows, columns } = windowSize(plane, part);
    this.resize({ rows: odd(rows, plane.height), columns: odd(columns, plane.width) });
    for (let draw = 0; draw < DRAWS; draw++) {
      this.first = windowPlace(plane, this.size, instance.rng);
      this.second = windowPlace(plane, this.size, instance.rng);
      if (this.spend()) break;
    }
    // What rounding makes of a full budget is held back.
    if (!(this.next > instance.epsilon ** this.power)) return;
    instance.project(this.point);
    this.everywhere = true;
  }

  /** Goes on from the last move. */
  keep(): void {
    this.total = this.everywhere ? this.mass() : this.next;
    this.copy(this.point, this.kept);
  }

  /** Takes the last move back. */
  undo(): void {
    this.copy(this.kept, this.point);
  }

  /** Writes a move into the windows. Returns false where it had nothing to spend, and so changed nothing. */
  private spend(): boolean {
    const { plane, size, instance, total } = this;
    const spare = Math.max(0, this.budget - total) / plane.channels;
    // AutoAttack's l1 gives every channel the share of all: the projection takes back what is too much.
    const share = this.power === 1 ? plane.channels : 1;
    const pattern = this.pattern();
    let next = total;
    let spent = 0;
    for (let channel = 0; channel < plane.channels; channel++) {
      const offset = channel * plane.height * plane.width;
      const sign = instance.rng.integer(2) === 0 ? -1 : 1;
      const mass = this.windowMass(offset + this.first, size);
      const both = mass + this.windowMass(offset + this.second, size) - this.sharedMass(offset);
      const target = (spare + both) * share;
      spent += target;
      this.clear(offset + this.second);
      next += this.fill(offset + this.first, pattern, sign, mass, target) - both;
    }
    this.next = next;
    return spent > 0;
  }

  /** Writes pyramids and what was there before, scaled to a mass. Returns the mass, less where the bounds are near. */
  private fill(place: number, pattern: Float64Array, sign: number, mass: number, target: number): number {
    const { point, kept, power, values, size, plane } = this;
    const { original, bounds } = this.instance;
    const { rows, columns } = size;
    const old = mass > 0 ? (power === 1 ? 1 / mass : 1 / Math.sqrt(mass)) : 0;
    let sum = 0;
    for (let row = 0, i = 0; row < rows; row++) {
      for (let k = place + row * plane.width, end = k + columns; k < end; k++, i++) {
        const value = sign * pattern[i]! + old * (kept[k]! - original[k]!);
        values[i] = value;
        sum += power === 1 ? Math.abs(value) : value * value;
      }
    }
    const scale = this.scale(place, sum, target);
    let reached = 0;
    for (let row = 0, i = 0; row < rows; row++) {
      for (let k = place + row * plane.width, end = k + columns; k < end; k++, i++) {
        const start = original[k]!;
        const value = start + scale * values[i]!;
        const low = bounds.lower[k]!;
        const high = bounds.upper[k]!;
        point[k] = value < low ? low : value > high ? high : value;
        const moved = point[k]! - start;
        reached += power === 1 ? Math.abs(moved) : moved * moved;
      }
    }
    return reached;
  }

  /**
   * The scale at which the values of a window, clipped to the bounds, have a mass. Beyond the authors, who lose what is
   * clipped: on images with many features at a bound that is half of every step. Each pass takes those for clipped that
   * were at the scale before, so the scales rise.
   */
  private scale(place: number, sum: number, target: number): number {
    const { power, values, size, plane } = this;
    const { original, bounds } = this.instance;
    let scale = 0;
    let fixed = 0;
    let free = sum;
    for (let pass = 0; pass < PASSES && free > 0 && target > fixed; pass++) {
      const ratio = (target - fixed) / free;
      const next = power === 1 ? ratio : Math.sqrt(ratio);
      if (next <= scale * 1.001) break;
      scale = next;
      fixed = free = 0;
      for (let row = 0, i = 0; row < size.rows; row++) {
        for (let k = place + row * plane.width, end = k + size.columns; k < end; k++, i++) {
          const value = values[i]!;
          const room = value > 0 ? bounds.upper[k]! - original[k]! : original[k]! - bounds.lower[k]!;
          const length = value > 0 ? value : -value;
          if (scale * length > room) fixed += power === 1 ? room : room * room;
          else free += power === 1 ? length : length * length;
        }
      }
    }
    return scale;
  }

  /** Takes the change out of a window. */
  private clear(place: number): void {
    const { point, plane, size } = this;
    const { original } = this.instance;
    for (let row = 0; row < size.rows; row++) {
      for (let k = place + row * plane.width, end = k + size.columns; k < end; k++) point[k] = original[k]!;
    }
  }

  private copy(from: Float32Array, to: Float32Array): void {
    if (this.everywhere) {
      to.set(from);
      this.everywhere = false;
      return;
    }
    const { plane, size } = this;
    for (let channel = 0; channel < plane.channels; channel++) {
      for (const place of [this.first, this.second]) {
        const first = channel * plane.height * plane.width + place;
        for (let row = 0; row < size.rows; row++) {
          for (let k = first + row * plane.width, end = k + size.columns; k < end; k++) to[k] = from[k]!;
        }
      }
    }
  }

  /** The mass of the point in all features. */
  private mass(): number {
    return this.instance.distance(this.point) ** this.power;
  }

  /** The mass of a window of one channel, before the move. */
  private windowMass(place: number, { rows, columns }: WindowSize): number {
    const { kept, power, plane } = this;
    const { original } = this.instance;
    let mass = 0;
    for (let row = 0; row < rows; row++) {
      for (let k = place + row * plane.width, end = k + columns; k < end; k++) {
        const moved = kept[k]! - original[k]!;
        mass += power === 1 ? Math.abs(moved) : moved * moved;
      }
    }
    return mass;
  }

  /** The mass of what the two windows share in one channel. */
  private sharedMass(offset: number): number {
    const { first, second, size } = this;
    const { width } = this.plane;
    const rows = size.rows - Math.abs(Math.floor(first / width) - Math.floor(second / width));
    const columns = size.columns - Math.abs((first % width) - (second % width));
    if (rows <= 0 || columns <= 0) return 0;
    const top = Math.max(Math.floor(first / width), Math.floor(second / width));
    const left = Math.max(first % width, second % width);
    return this.windowMass(offset + top * width + left, { rows, columns });
  }

  /** Writes one tile of the start. */
  private lay(change: Float64Array, place: number): void {
    const { plane, instance, size } = this;
    const pattern = this.pattern();
    for (let channel = 0; channel < plane.channels; channel++) {
      const sign = instance.rng.integer(2) === 0 ? -1 : 1;
      const first = channel * plane.height * plane.width + place;
      for (let row = 0, i = 0; row < size.rows; row++) {
        for (let k = first + row * plane.width, end = k + size.columns; k < end; k++) change[k] = sign * pattern[i++]!;
      }
    }
  }

  /** The pyramids of the windows' size, one way or the other. */
  private pattern(): Float64Array {
    return this.patterns[this.patterns.length === 1 ? 0 : this.instance.rng.integer(2)]!;
  }

  private resize(size: WindowSize): void {
    if (size.rows === this.size.rows && size.columns === this.size.columns) return;
    this.size = size;
    this.values = new Float64Array(size.rows * size.columns);
    const ways = size.rows === 1 ? [false] : size.columns === 1 ? [true] : [false, true];
    this.patterns = ways.map((stacked) => pyramids({ ...size, stacked }, this.power, this.power === 1 ? 4 : 2));
  }
}

/** A length of 3 or more that has a middle, where there is room for it. */
function odd(length: number, limit: number): number {
  return Math.min(limit, Math.max(3, length) | 1);
}
