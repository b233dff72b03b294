import { type AttackInstance, defineAttack, type FamilyParams, type Rng } from '@rampart/core';
import { z } from 'zod';

const params = z.object({
  queries: z.int().positive().default(10_000).describe('Points that are asked about.'),
  alpha: z
    .number()
    .positive()
    .max(1)
    .default(0.3)
    .describe('The part of the changed features that the first query replaces; falls on the way.'),
});

/** Queries, of 10,000, up to which the part that is replaced is `alpha` divided by so much. */
const SCHEDULE = [
  [0, 1],
  [50, 2],
  [200, 4],
  [500, 5],
  [1000, 6],
  [2000, 8],
  [4000, 10],
  [6000, 12],
  [8000, 15],
  [Infinity, 20],
] as const;

/**
 * Sparse-RS (Croce et al. 2022, algorithms 1 and 2, the l0 version): a random search over sets of as many features as
 * the budget allows, each at an end of its bounds. A query gives some of them back and takes as many others; what does
 * not raise the margin stays.
 */
export const sparseRs = defineAttack({
  name: 'sparse-rs',
  summary: 'Sparse-RS: random search over which few features to change, by scores alone.',
  source: 'Croce, Andriushchenko, Singh, Flammarion, Hein 2022, algorithms 1 and 2',
  version: 1,
  family: 'budget',
  norms: ['l0'],
  knowledge: 'scores',
  params,
  each: (options) => (instance) => searchSparse(instance, options),
});

async function searchSparse(instance: AttackInstance, options: z.output<typeof params> & FamilyParams): Promise<void> {
  const { original, rng } = instance;
  const { queries, alpha } = options;
  // The first so many of these features are changed; a query swaps some of them with some of the others.
  const order = movable(instance);
  const changed = Math.min(order.length, Math.floor(instance.epsilon));
  const others = order.length - changed;
  if (changed === 0) return;
  bringForward(order, 0, order.length, changed, rng);

  const point = original.slice();
  for (let i = 0; i < changed; i++) point[order[i]!] = otherEnd(instance, order[i]!);
  let lowest = (await instance.margins(point))[0]!;

  const before = new Float32Array(changed);
  for (let query = 1; query < queries; query++) {
    const wanted = Math.max(1, Math.floor(replacedPart(query, queries, alpha) * changed));
    // Where all features are changed there is no other: a value is drawn anew.
    const count = others === 0 ? wanted : Math.min(wanted, others);
    bringForward(order, 0, changed, count, rng);
    if (others > 0) bringForward(order, changed, order.length, count, rng);
    for (let i = 0; i < count; i++) {
      const given = order[i]!;
      before[i] = point[given]!;
      point[given] = original[given]!;
      const taken = order[others > 0 ? changed + i : i]!;
      point[taken] = otherEnd(instance, taken);
    }
    const margin = (await instance.margins(point))[0]!;
    const stays = margin <= lowest;
    if (stays) lowest = margin;
    for (let i = 0; i < count; i++) {
      const given = order[i]!;
      const taken = order[others > 0 ? changed + i : i]!;
      if (!stays) {
        point[taken] = original[taken]!;
        point[given] = before[i]!;
      } else if (others > 0) {
        order[i] = taken;
        order[changed + i] = given;
      }
    }
  }
}

/** The part of the changed features that a query replaces. @param query counted from 0 */
export function replacedPart(query: number, queries: number, alpha: number): number {
  const scaled = Math.floor((query / queries) * 10_000);
  const [, divisor] = SCHEDULE.find(([last]) => scaled <= last)!;
  return alpha / divisor;
}

/** The features that can be changed at all. */
function movable({ bounds: { lower, upper }, features }: AttackInstance): Int32Array {
  return Int32Array.from({ length: features }, (_, k) => k).filter((k) => lower[k]! < upper[k]!);
}

/** An end of a feature's bounds that it is not at already. A black pixel that is drawn black would waste the budget. */
function otherEnd({ original, bounds: { lower, upper }, rng }: AttackInstance, feature: number): number {
  const value = original[feature]!;
  const low = lower[feature]!;
  const high = upper[feature]!;
  if (value === low) return high;
  return value === high || rng.integer(2) === 0 ? low : high;
}

/** Draws `count` of the entries from `from` on and before `to`, and puts them first, by part of Fisher and Yates' shuffle. */
function bringForward(order: Int32Array, from: number, to: number, count: number, rng: Rng): void {
  for (let i = from; i < from + count; i++) {
    const j = i + rng.integer(to - i);
    const drawn = order[j]!;
    order[j] = order[i]!;
    order[i] = drawn;
  }
}
