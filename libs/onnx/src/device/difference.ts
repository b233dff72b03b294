import type { Tensor } from '../graph/ir';

/** How far a device's values may lie from the CPU's, as a part of the largest value of the same output. */
export const TOLERANCE = 1e-3;

/** The part of the rows of a gradient that may be farther: those for which rounding decides on which side of a kink they are. */
const AT_KINKS = 1 / 8;

/** The least that the largest value of a part counts for, beside that of all: what is smaller is rounding of larger terms. */
const LEAST_SCALE = 0.01;

type Values = Readonly<Record<string, Tensor>>;

/** Where each part of an output begins and ends, by the output's name. */
export type Parts = Readonly<Record<string, readonly (readonly [first: number, end: number])[]>>;

/**
 * The largest difference of each output from the reference's, as a part of the reference's largest value. It is 1 where
 * shapes differ, where only one of two values is finite, and where values that are no floats are not the same.
 * @param kinked outputs that jump where an inner value is at the kink of a Relu or of a maximum, as gradients do: an
 *   eighth of their rows, or one of a few, does not count. What is wrong is wrong in all.
 * @param parts outputs of one dimension that hold several values one after the other: the largest difference of one of
 *   them counts, as a part of its own largest value
 */
export function differences(
  reference: Values,
  values: Values,
  kinked: readonly string[] = [],
  parts: Parts = {},
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(reference).map(([name, expected]) => {
      const spared = kinked.includes(name) ? AT_KINKS : 0;
      const spans = parts[name] ?? [[0, expected.data.length]];
      return [name, difference(expected, values[name], { spared, spans })];
    }),
  );
}

/** Whether all outputs are as near to the reference as rounding explains. */
export function agree(found: Readonly<Record<string, number>>): boolean {
  return Object.values(found).every((value) => value <= TOLERANCE);
}

function difference(
  expected: Tensor,
  received: Tensor | undefined,
  { spared, spans }: { readonly spared: number; readonly spans: Parts[string] },
): number {
  if (received?.type !== expected.type || received.data.length !== expected.data.length) return 1;
  if (expected.type !== 'float32' && expected.type !== 'float64') {
    return expected.data.every((value, i) => value === received.data[i]) ? 0 : 1;
  }
  const [a, b] = [expected.data as Float32Array, received.data as Float32Array];
  if (a.some((value, i) => !Object.is(value, b[i]) && !(Number.isFinite(value) && Number.isFinite(b[i])))) return 1;
  const least = LEAST_SCALE * largestOf(a);
  const rows = Math.max(1, expected.dims[0] ?? 1);
  return Math.max(
    0,
    ...spans.map(([first, end]) => {
      const far = farthest(
        a.subarray(first, end),
        b.subarray(first, end),
        spans.length > 1 ? end - first : rows,
        spared,
      );
      if (far === 0) return 0;
      const scale = Math.max(least, largestOf(a.subarray(first, end)));
      return scale === 0 ? 1 : far / scale;
    }),
  );
}

function largestOf(values: Float32Array): number {
  return values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
}

/** The largest difference of one of the rows that count. */
function farthest(a: Float32Array, b: Float32Array, rows: number, spared: number): number {
  const each = new Float64Array(rows);
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const row = Math.floor((i * rows) / a.length);
    each[row] = Math.max(each[row]!, Math.abs(a[i]! - b[i]!));
  }
  const ignored = spared > 0 && rows > 1 ? Math.max(1, Math.floor(rows * spared)) : 0;
  return each.sort()[rows - 1 - ignored]!;
}
