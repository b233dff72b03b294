import type { Tensor } from '../graph/ir';

/** How far a device's values may lie from the CPU's, as a part of the largest value of the same output. */
export const TOLERANCE = 1e-3;

type Values = Readonly<Record<string, Tensor>>;

/**
 * The largest difference of each output from the reference's, as a part of the reference's largest value. It is 1 where
 * shapes differ, where only one of two values is finite, and where values that are no floats are not the same.
 */
export function differences(reference: Values, values: Values): Record<string, number> {
  return Object.fromEntries(
    Object.entries(reference).map(([name, expected]) => [name, difference(expected, values[name])]),
  );
}

/** Whether all outputs are as near to the reference as rounding explains. */
export function agree(found: Readonly<Record<string, number>>): boolean {
  return Object.values(found).every((value) => value <= TOLERANCE);
}

function difference(expected: Tensor, received: Tensor | undefined): number {
  if (received?.type !== expected.type || received.data.length !== expected.data.length) return 1;
  if (expected.type !== 'float32' && expected.type !== 'float64') {
    return expected.data.every((value, i) => value === received.data[i]) ? 0 : 1;
  }
  const [a, b] = [expected.data as Float32Array, received.data as Float32Array];
  let largest = 0;
  let farthest = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) {
      if (Number.isFinite(a[i])) largest = Math.max(largest, Math.abs(a[i]!));
      continue;
    }
    if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) return 1;
    largest = Math.max(largest, Math.abs(a[i]!));
    farthest = Math.max(farthest, Math.abs(a[i]! - b[i]!));
  }
  if (farthest === 0) return 0;
  return largest === 0 ? 1 : farthest / largest;
}
