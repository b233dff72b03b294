/** How a pair of pyramids looks. */
export interface PyramidShape {
  readonly rows: number;
  readonly columns: number;
  /** Whether the pyramids stand one above the other instead of side by side. */
  readonly stacked: boolean;
}

/**
 * A hill beside a valley, together of norm 1: the pattern that the Square attack writes into a window in l2 and l1
 * (Andriushchenko et al. 2020, section 3.3, equation 4). Around the middle of either half the terraces at a distance of
 * r or less are raised by 1 / (r + 1)^power, for every r. A shape that has one cell to be halved is one hill.
 * @param power 2 in l2, 4 in l1
 * @returns row by row
 */
export function pyramids({ rows, columns, stacked }: PyramidShape, norm: 1 | 2, power: number): Float64Array {
  const pattern = new Float64Array(rows * columns);
  const halved = stacked ? rows : columns;
  const middle = Math.floor(halved / 2);
  for (const [from, to, sign] of [
    [0, middle, 1],
    [middle, halved, -1],
  ] as const) {
    const area = stacked
      ? { top: from, bottom: to, left: 0, right: columns }
      : { top: 0, bottom: rows, left: from, right: to };
    raise(pattern, columns, area, sign, norm, power);
  }
  normalise(pattern, norm, 1);
  return pattern;
}

interface Area {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Writes one pyramid of norm 1. */
function raise(
  pattern: Float64Array,
  columns: number,
  { top, bottom, left, right }: Area,
  sign: number,
  norm: 1 | 2,
  power: number,
): void {
  const height = bottom - top;
  const width = right - left;
  if (height === 0 || width === 0) return;
  const heights = terraces(Math.floor(Math.max(height, width) / 2) + 1, power);
  let sum = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const ring = Math.max(Math.abs(row - Math.floor(height / 2)), Math.abs(column - Math.floor(width / 2)));
      const value = heights[ring]!;
      pattern[(top + row) * columns + left + column] = value;
      sum += norm === 1 ? value : value * value;
    }
  }
  const scale = sign / (norm === 1 ? sum : Math.sqrt(sum));
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) pattern[row * columns + column]! *= scale;
  }
}

/** The height of a pyramid on each ring around its middle. */
function terraces(count: number, power: number): Float64Array {
  const heights = new Float64Array(count);
  let sum = 0;
  for (let ring = count - 1; ring >= 0; ring--) {
    sum += (ring + 1) ** -power;
    heights[ring] = sum;
  }
  return heights;
}

/** Scales values to a norm. */
export function normalise(values: Float64Array, norm: 1 | 2, to: number): void {
  let sum = 0;
  for (const value of values) sum += norm === 1 ? Math.abs(value) : value * value;
  const scale = sum > 0 ? to / (norm === 1 ? sum : Math.sqrt(sum)) : 0;
  for (let k = 0; k < values.length; k++) values[k]! *= scale;
}
