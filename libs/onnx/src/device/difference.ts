import type { Tensor } from '../graph/ir';

/** How far a device's values may lie from the CPU's, as a part of the largest value of the same output. */
export const TOLERANCE = 1e-3;

/** The part of the rows of a gradient that may be farther: those for which rounding decides on which side of a kink they are. */
const AT_KINKS = 1 / 8;

type Values = Readonly<Record<string, Tensor>>;

/**
 * The largest difference of each output from the reference's, as a part of the reference's largest value. It is 1 where
 * shapes differ, where only one of two values is finite, and where values that are no floats are not the same.
 * @param kinked outputs that jump where an inner value is at the kink of a Relu or of a maximum, as gradients do: an
 *   eighth of their rows, or one of a few, does not count. What is wrong is wrong in all.
 */
export function differences(reference: Values, values: Values, kinked: readonly string[] = []): Record<string, number> {
  return Object.fromEntries(
    Object.entries(reference).map(([name, expected]) => [
      name,
      difference(expected, values[name], kinked.includes(name) ? AT_KINKS : 0),
    ]),
  );
}

/** Whether all outputs are as near to the reference as rounding explains. */
export function agree(found: Readonly<Record<string, number>>): boolean {
  return Object.values(found).every((value) => value <= TOLERANCE);
}

function difference(expected: Tensor, received: Tensor | undefined, spared: number): number {
  if (received?.type !== expected.type || received.data.length !== expected.data.length) return 1;
  if (expected.type !== 'float32' && expected.type !== 'float64') {
    return expected.data.every((value, i) => value === received.data[i]) ? 0 : 1;
  }
  const [a, b] = [expected.data as Float32Array, received.data as Float32Array];
  const rows = Math.max(1, expected.dims[0] ?? 1);
  const farthest = new Float64Array(rows);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (Number.isFinite(a[i])) largest = Math.max(largest, Math.abs(a[i]!));
    if (Object.is(a[i], b[i])) continue;
    if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) return 1;
    const row = Math.floor((i * rows) / a.length);
    farthest[row] = Math.max(farthest[row]!, Math.abs(a[i]! - b[i]!));
  }
  const ignored = spared > 0 && rows > 1 ? Math.max(1, Math.floor(rows * spared)) : 0;
  const counted = farthest.sort()[rows - 1 - ignored]!;
  if (counted === 0) return 0;
  return largest === 0 ? 1 : counted / largest;
}
