import { elementCount, elementsPerRow, type ValueTypes } from '@rampart/onnx';

/** Rows of one run at most. */
export const MOST_ROWS = 256;

/** Rows below which weights would be read too often. */
const ENOUGH_ROWS = 32;

/** Numbers that a run computes at once: 4 MB, of which a processor's cache keeps most until they are needed again. */
const CACHED = 2 ** 20;

/** Numbers that a run may compute at once: 512 MB, and a gradient takes some times as much. */
const ROOM = 2 ** 27;

/**
 * How many rows of a batch the processor computes at once, a power of two: about as many as its cache has room for, but
 * enough for the weights, all of which a run reads, and no more than memory has room for. It depends on the model alone,
 * as do the roundings that come with it. `npm run bench batches` measures it.
 */
export function rowsAtOnce(types: ValueTypes): number {
  const each = elementsPerRow(types);
  const rows = Math.max(CACHED / each, Math.min(ENOUGH_ROWS, ROOM / each), weightsOf(types) / (4 * each));
  return 2 ** Math.round(Math.log2(Math.min(MOST_ROWS, Math.max(1, rows))));
}

function weightsOf({ model }: ValueTypes): number {
  let sum = 0;
  for (const { dims } of model.graph.initializers.values()) sum += elementCount(dims);
  return sum;
}
