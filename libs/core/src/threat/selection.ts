/**
 * The rank-th largest of the first `count` values, by the selection of Floyd and Rivest: O(count) operations are
 * expected.
 * @param values none NaN; reordered
 * @param rank from 1, the largest, to count
 */
export function largest(values: Float64Array, count: number, rank: number): number {
  select(values, 0, count - 1, rank - 1);
  return values[rank - 1]!;
}

/** From here on a sample is worth its while. */
const MANY = 600;

/** Reorders values from left to right so that `wanted` has what it would have if they were sorted, largest first. */
function select(values: Float64Array, left: number, right: number, wanted: number): void {
  while (left < right) {
    const count = right - left + 1;
    if (count > MANY) {
      // The pivot is of about the right rank, and rather beyond it on the side of the many.
      const size = 0.5 * count ** (2 / 3);
      const place = (wanted - left) / count;
      const shift = 0.5 * Math.sqrt(Math.log(count) * size * (1 - size / count)) * (place < 0.5 ? 1 : -1);
      const first = Math.floor(wanted - place * size - shift);
      const last = Math.floor(wanted + (1 - place) * size - shift);
      select(values, Math.max(left, first), Math.min(right, last), wanted);
    }
    const pivot = values[wanted]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (wanted <= j) right = j;
    else if (wanted >= i) left = i;
    else return;
  }
}
