/** Elements of a filter along an axis. */
export const TAPS = 3;

/**
 * Minimal filtering: `tile` results of a filter of three taps from `tile + 2` products (Winograd, Arithmetic Complexity
 * of Computations, 1980; Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016).
 */
export interface MinimalFiltering {
  readonly tile: 2 | 4;
  /** [products, products]: from elements of the input. */
  readonly input: readonly (readonly number[])[];
  /** [products, 3]: from the taps of a filter. */
  readonly filter: readonly (readonly number[])[];
  /** [tile, products]: to results. */
  readonly output: readonly (readonly number[])[];
}

/** 2.25 times as few products for images; rounding as a direct convolution's. */
export const BY_TWO: MinimalFiltering = {
  tile: 2,
  input: [
    [1, 0, -1, 0],
    [0, 1, 1, 0],
    [0, -1, 1, 0],
    [0, 1, 0, -1],
  ],
  filter: [
    [1, 0, 0],
    [1 / 2, 1 / 2, 1 / 2],
    [1 / 2, -1 / 2, 1 / 2],
    [0, 0, 1],
  ],
  output: [
    [1, 1, 1, 0],
    [0, 1, -1, -1],
  ],
};

/** Four times as few products for images, which are rounded to five or six digits rather than seven. */
export const BY_FOUR: MinimalFiltering = {
  tile: 4,
  input: [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ],
  filter: [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
  ],
  output: [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
  ],
};

/** An axis of an image that a filter moves over in steps of one. */
export interface Axis {
  /** Elements of the input. */
  readonly from: number;
  /** Results. */
  readonly to: number;
  /** Zeros in front of the input. */
  readonly before: number;
}

/** Tiles that an axis is cut into; the last one may reach beyond its end. */
export const tilesOf = ({ tile }: MinimalFiltering, { to }: Axis): number => Math.ceil(to / tile);

/** What makes products of an axis, and results of products: dense matrices, padding included. */
export interface AxisTransforms {
  /** [products * tiles, from], products first. */
  readonly input: readonly (readonly number[])[];
  /** [to, products * tiles] */
  readonly output: readonly (readonly number[])[];
}

export function axisTransforms(filtering: MinimalFiltering, axis: Axis): AxisTransforms {
  const { tile } = filtering;
  const products = tile + TAPS - 1;
  const tiles = tilesOf(filtering, axis);
  const input = zeros(products * tiles, axis.from);
  const output = zeros(axis.to, products * tiles);
  for (let t = 0; t < tiles; t++) {
    for (let p = 0; p < products; p++) {
      const row = p * tiles + t;
      for (let k = 0; k < products; k++) {
        const element = t * tile + k - axis.before;
        if (element >= 0 && element < axis.from) input[row]![element] = filtering.input[p]![k]!;
      }
      for (let k = 0; k < tile; k++) {
        const result = t * tile + k;
        if (result < axis.to) output[result]![row] = filtering.output[k]![p]!;
      }
    }
  }
  return { input, output };
}

const zeros = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0));

/** Filters [K, C, 3, 3] as products [products * products, C, K]. */
export function transformFilters(
  { tile, filter }: MinimalFiltering,
  data: ArrayLike<number>,
  [count, channels]: readonly [number, number],
): Float32Array {
  const products = tile + TAPS - 1;
  const taps = Float64Array.from(filter.flat());
  const plane = channels * count;
  const result = new Float32Array(products * products * plane);
  const rows = new Float64Array(products * TAPS);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < count; k++) {
      const from = (k * channels + c) * TAPS * TAPS;
      for (let p = 0; p < products; p++) {
        const [a, b, d] = [taps[p * 3]!, taps[p * 3 + 1]!, taps[p * 3 + 2]!];
        for (let j = 0; j < TAPS; j++) {
          rows[p * TAPS + j] = a * data[from + j]! + b * data[from + 3 + j]! + d * data[from + 6 + j]!;
        }
      }
      let to = c * count + k;
      for (let p = 0; p < products; p++) {
        const [x, y, z] = [rows[p * 3]!, rows[p * 3 + 1]!, rows[p * 3 + 2]!];
        for (let q = 0; q < products; q++) {
          result[to] = taps[q * 3]! * x + taps[q * 3 + 1]! * y + taps[q * 3 + 2]! * z;
          to += plane;
        }
      }
    }
  }
  return result;
}
