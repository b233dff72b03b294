/**
 * Asks about candidates in batches of at most `window`, for searches that look at all instances together.
 * @param points one candidate after the other
 * @param instances whose each of them is
 * @param ask is told which of the candidates is the first of its batch
 */
export async function inWindows(
  window: number,
  points: Float32Array,
  instances: Int32Array,
  ask: (points: Float32Array, instances: Int32Array, first: number) => Promise<void>,
): Promise<void> {
  const size = points.length / instances.length;
  for (let first = 0; first < instances.length; first += window) {
    const last = Math.min(instances.length, first + window);
    await ask(points.subarray(first * size, last * size), instances.subarray(first, last), first);
  }
}
