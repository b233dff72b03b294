/**
 * The lambda at which the sum of min(max(distance - lambda, 0), move) over the first `count` items comes down to
 * `epsilon`. The sum is piecewise linear with two breakpoints an item, distance - move and distance. A bracket of the
 * root is narrowed by Newton's steps and, in turn with them, by breakpoints taken as pivots; an item without a
 * breakpoint inside the bracket is added up for good. When none is left the sum is one line, whose root is exact. In
 * all O(count) operations are expected.
 * @param distances above 0; overwritten
 * @param moves above 0 and at most the distance, in sum more than epsilon; overwritten
 * @see Kiwiel (2008), "Breakpoint searching algorithms for the continuous quadratic knapsack problem"
 */
export function threshold(distances: Float64Array, moves: Float64Array, count: number, epsilon: number): number {
  return rootFrom(count > MANY ? guess(distances, moves, count, epsilon) : 0, distances, moves, count, epsilon);
}

/** From here on a sample is worth its while. */
const MANY = 512;
const SAMPLE = 128;
const sampledDistances = new Float64Array(SAMPLE);
const sampledMoves = new Float64Array(SAMPLE);

/**
 * The lambda of a sample, rather above the whole's than below. From above, where the sum is convex, Newton's step ends
 * below the root and not far, so that two steps leave a narrow bracket.
 */
function guess(distances: Float64Array, moves: Float64Array, count: number, epsilon: number): number {
  for (let k = 0; k < SAMPLE; k++) {
    const i = Math.floor((k * count) / SAMPLE);
    sampledDistances[k] = distances[i]!;
    sampledMoves[k] = moves[i]!;
  }
  return rootFrom(0, sampledDistances, sampledMoves, SAMPLE, (0.75 * epsilon * SAMPLE) / count);
}

function rootFrom(first: number, distances: Float64Array, moves: Float64Array, count: number, epsilon: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) if (distances[i]! > high) high = distances[i]!;
  // Of the items without a breakpoint in the bracket: those that stay at their full move, and those on their slope.
  let full = 0;
  let sloping = 0;
  let slopes = 0;
  let lambda = first;
  for (let round = 0; ; round++) {
    let kept = 0;
    let sum = 0;
    let slope = 0;
    for (let i = 0; i < count; i++) {
      const distance = distances[i]!;
      const move = moves[i]!;
      const near = distance - move;
      if (distance <= low) continue;
      if (near >= high) {
        full += move;
      } else if (near <= low && distance >= high) {
        sloping += distance;
        slopes++;
      } else {
        distances[kept] = distance;
        moves[kept] = move;
        kept++;
        if (near > lambda) {
          sum += move;
        } else if (distance > lambda) {
          sum += distance - lambda;
          slope++;
        }
      }
    }
    count = kept;
    if (count === 0) return slopes > 0 ? (full + sloping - epsilon) / slopes : high;
    const excess = full + (sloping - slopes * lambda) + sum - epsilon;
    if (Math.abs(excess) <= 1e-12 * epsilon) return lambda;
    if (excess > 0) low = lambda;
    else high = lambda;
    const newton = lambda + excess / (slopes + slope);
    lambda = round % 2 === 0 && newton > low && newton < high ? newton : pivot(distances, moves, count, low, high);
  }
}

/** A breakpoint inside the bracket, of an item as near the middle of the list as there is one; else the centre. */
function pivot(distances: Float64Array, moves: Float64Array, count: number, low: number, high: number): number {
  for (let k = 0, i = count >> 1; k < count; k++, i = i + 1 === count ? 0 : i + 1) {
    const distance = distances[i]!;
    const near = distance - moves[i]!;
    if (near > low && near < high) return near;
    if (distance > low && distance < high) return distance;
  }
  return (low + high) / 2;
}
