/** Parts of a batch at most. They do not depend on how many threads there are, or the sums of gradients would. */
const MOST_SHARDS = 4;

/** Parts of the weights' update at most, and weights of a part at least. */
const MOST_SLICES = 4;
const SLICE = 32_768;

/**
 * Into how many parts a batch is split, each of which gets a gradient of its own. A part reads all weights and writes a
 * gradient for all of them, so it has to compute something in the order of that besides: a quarter.
 * @param rows of the batch
 * @param rowElements numbers that the model computes for a row
 */
export function shardCount(rows: number, rowElements: number, weights: number): number {
  let shards = MOST_SHARDS;
  while (shards > 1 && (4 * rows * rowElements) / shards < weights) shards /= 2;
  return Math.max(1, Math.min(shards, rows));
}

/** Into how many parts the update of the weights is split. */
export function sliceCount(weights: number): number {
  return Math.min(MOST_SLICES, Math.ceil(weights / SLICE));
}

/** Where the parts of `count` things begin, and where the last ends: parts + 1 numbers. */
export function bounds(count: number, parts: number): number[] {
  return Array.from({ length: parts + 1 }, (_, part) => Math.floor((count * part) / parts));
}
