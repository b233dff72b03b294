import { RampartError } from '../error';
import type { PixelBox } from '../pixel-box';
import type { Bounds } from './bounds';

/** What each instance of a set may be by itself. Arrays are [instances, features]. */
export interface OwnBounds {
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  /** The nearest value that a feature may take between its bounds; undefined where all may be. */
  readonly nearest?: (instance: number, feature: number, value: number) => number;
}

/**
 * What an attacked instance may be, beside the ball: the same for every instance of a set, but for bounds of their own.
 * Arrays have one value a feature.
 */
export interface FeasibleSet {
  /** Narrower bounds than the pixel box. */
  readonly lower?: Float32Array;
  readonly upper?: Float32Array;
  /** 1 for a feature that may not change. */
  readonly frozen?: Uint8Array;
  /**
   * The values that a changed feature may take: `integer`, whole numbers of the box's units; `8-bit`, the 256 levels
   * from the box's lower to its upper end.
   */
  readonly values?: 'integer' | '8-bit';
  /** The step by which each feature may change; 0 for any. */
  readonly steps?: Float64Array;
  /** Features of which exactly one is 1 and the others are 0: what a category became. */
  readonly groups?: readonly (readonly number[])[];
  /** Bounds of each instance by itself, in place of all others: where features are no pixels, but made of some. */
  readonly own?: OwnBounds;
}

/** A feasible set around instances of one size. */
export class Feasibility {
  private readonly shared: Bounds;

  /** @throws RampartError `bad-data` when an array does not fit the features, or bounds leave nothing */
  constructor(
    private readonly set: FeasibleSet,
    private readonly box: PixelBox,
    private readonly features: number,
  ) {
    const { lower, upper, frozen, steps } = set;
    for (const [what, array] of Object.entries({ lower, upper, frozen, steps })) {
      if (array === undefined || array.length === features) continue;
      throw new RampartError({
        code: 'bad-data',
        message: `The feasible set's "${what}" has ${array.length} values. Expected ${features}, one a feature of an instance.`,
      });
    }
    this.shared = {
      lower: Float32Array.from({ length: features }, (_, k) => Math.max(box.min, lower?.[k] ?? box.min)),
      upper: Float32Array.from({ length: features }, (_, k) => Math.min(box.max, upper?.[k] ?? box.max)),
    };
    const empty = this.shared.lower.findIndex((low, k) => !(low <= this.shared.upper[k]!));
    if (empty < 0) return;
    throw new RampartError({
      code: 'bad-data',
      message: `The feasible set leaves nothing of feature ${empty}: from ${this.shared.lower[empty]} to ${this.shared.upper[empty]} within the box [${box.min}, ${box.max}].`,
    });
  }

  /**
   * The bounds of the instance whose features start at `offset`; those of all where nothing is frozen.
   * @param instance its index in the whole set
   */
  bounds(instances: Float32Array, offset: number, instance = offset / this.features): Bounds {
    const { frozen, own } = this.set;
    if (own) {
      const [from, to] = [instance * this.features, (instance + 1) * this.features];
      return { lower: own.lower.subarray(from, to), upper: own.upper.subarray(from, to) };
    }
    const narrow = this.set.lower !== undefined || this.set.upper !== undefined;
    if (!frozen && !narrow) return this.shared;
    const lower = this.shared.lower.slice();
    const upper = this.shared.upper.slice();
    for (let k = 0; k < this.features; k++) {
      const value = instances[offset + k]!;
      if (frozen?.[k]) lower[k] = upper[k] = value;
      // What is outside the bounds from the start may stay as it is.
      else if (value < lower[k]!) lower[k] = value;
      else if (value > upper[k]!) upper[k] = value;
    }
    return { lower, upper };
  }

  /** Sets what rows have at features that may not change to 0, in place: no step along a gradient is to count these. */
  still(rows: Float32Array): void {
    const { frozen } = this.set;
    if (!frozen) return;
    for (let i = 0; i < rows.length; i += this.features) {
      for (let k = 0; k < this.features; k++) if (frozen[k] === 1) rows[i + k] = 0;
    }
  }

  /** Whether features take every value between their bounds. */
  get continuous(): boolean {
    const { values, steps, groups, own } = this.set;
    return values === undefined && steps === undefined && groups === undefined && own?.nearest === undefined;
  }

  /**
   * Moves every changed feature to the nearest value that it may take, in place; with `inward` to the next one towards
   * the original. A group becomes the nearest of its categories, the largest; with `inward` the original's.
   * @param instance its index in the whole set
   */
  round(
    points: Float32Array,
    at: number,
    originals: Float32Array,
    from: number,
    { inward = false, instance = from / this.features }: { readonly inward?: boolean; readonly instance?: number } = {},
  ): void {
    const { values, steps, own } = this.set;
    if (own?.nearest)
      for (let k = 0; k < this.features; k++) points[at + k] = own.nearest(instance, k, points[at + k]!);
    if (own) return;
    for (const group of this.set.groups ?? []) roundGroup(group, points, at, originals, from, inward);
    if (values === undefined && steps === undefined) return;
    const { min, max } = this.box;
    for (let k = 0; k < this.features; k++) {
      const original = originals[from + k]!;
      const value = points[at + k]!;
      const step = values === 'integer' ? 1 : values === '8-bit' ? (max - min) / 255 : steps![k]!;
      if (value === original || step === 0) continue;
      // Steps of a feature's own are counted from the original, which is one of its values.
      const origin = values === 'integer' ? 0 : values === '8-bit' ? min : original;
      const level = (value - origin) / step;
      const rounded = !inward
        ? Math.round(level)
        : value > original
          ? Math.floor(level + 1e-4)
          : Math.ceil(level - 1e-4);
      const moved = Math.fround(origin + step * rounded);
      // No level may lie between a point and its original.
      const beyond = moved < min || moved > max || (inward && moved > original !== value > original);
      points[at + k] = beyond ? original : moved;
    }
  }
}

/** The nearest vertex of the simplex: the largest feature, the original one among equals. */
function roundGroup(
  group: readonly number[],
  points: Float32Array,
  at: number,
  originals: Float32Array,
  from: number,
  inward: boolean,
): void {
  let chosen = group.find((k) => originals[from + k] === 1) ?? group[0]!;
  if (!inward) for (const k of group) if (points[at + k]! > points[at + chosen]!) chosen = k;
  for (const k of group) points[at + k] = k === chosen ? 1 : 0;
}
