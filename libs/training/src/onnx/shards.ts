/** Parts of a batch at most. They do not depend on how many threads there are, or the sums of gradients would. */
const MOST_SHARDS = 4;

/** Rows of a part at least, or most of its time would go into reading weights. */
const FEWEST_ROWS = 8;

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
  const isTooSmall = (count: number) => count < FEWEST_ROWS || 4 * count * rowElements < weights;
  while (shards > 1 && isTooSmall(rows / shards)) shards /= 2;
  return shards;
}

/** Into how many parts the update of the weights is split. */
export function sliceCount(weights: number): number {
  return Math.min(MOST_SLICES, Math.ceil(weights / SLICE));
}

/** Where the parts of `count` things begin, and where the last ends: parts + 1 numbers. */
export function bounds(count: number, parts: number): number[] {
  return Array.from({ length: parts + 1 }, (_, part) => Math.floor((count * part) / parts));
}
