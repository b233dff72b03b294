import {
  type AttackProblem,
  defineAttack,
  type FamilyParams,
  NORMS,
  predictions,
  type SearchResult,
} from '@rampart/core';
import { z } from 'zod';

import { drawnOrder } from '../search/drawn-order';
import { inWindows } from '../search/in-windows';

const params = z.object({
  layer: z
    .string()
    .optional()
    .describe('Name of the value in the graph that is matched. Default: the input of the last linear layer.'),
  guides: z.int().positive().default(10).describe('Guides of an instance that are tried, the nearest first.'),
  steps: z.int().positive().default(40).describe('Gradient steps towards each guide.'),
  momentum: z.number().nonnegative().default(0.75).describe('Weight of the gradients before.'),
  pool: z.int().positive().default(1000).describe('Instances of the set that guides are chosen from, at the most.'),
});

type Options = z.output<typeof params> & FamilyParams;

/**
 * Takes on the inner values of another image (Sabour et al. 2016, equations 1 and 2): minimises |h(x') - h(g)|^2 within
 * epsilon of x, h an inner layer and the guide g another instance, one that the model takes for another class: for the
 * target where there is one. Descends along the sign of the gradient, with momentum, in the place of L-BFGS-B.
 */
export const featureAdversary = defineAttack({
  name: 'feature-adversary',
  summary: 'Brings the values of an inner layer near to those of an instance of another class.',
  source: 'Sabour, Cao, Faghri, Fleet 2016, equations 1 and 2',
  version: 1,
  family: 'budget',
  scope: 'set',
  norms: ['linf'],
  params,
  together: (options) => (problem) => new FeatureSearch(problem, options).run(),
});

/** The instances that guides are chosen from. */
interface Pool {
  readonly instances: Int32Array;
  /** [instances, classes] */
  readonly logits: Float32Array;
  readonly predicted: Int32Array;
  /** Values of the layer: [instances, width]. */
  readonly values: Float32Array;
  readonly width: number;
}

class FeatureSearch {
  private readonly iterations: Int32Array;

  constructor(
    private readonly problem: AttackProblem,
    private readonly options: Options,
  ) {
    this.iterations = new Int32Array(problem.count);
  }

  async run(): Promise<SearchResult> {
    const { problem, options, iterations } = this;
    const { count, features, window } = problem;
    const pool = await this.gather();
    // Once it is known what guides there are, instances have nothing in common: a window of them at a time.
    for (let first = 0; first < count; first += window) {
      const members = Int32Array.from({ length: Math.min(window, count - first) }, (_, i) => first + i);
      const guides = await this.guidesOf(members, pool);
      for (let rank = 0; rank < options.guides; rank++) {
        const rows = Array.from(members.keys()).filter((row) => guides[row]!.length > rank);
        await this.approach(
          Int32Array.from(rows, (row) => members[row]!),
          rows.map((row) => guides[row]![rank]!),
        );
      }
    }
    const candidates = new Float32Array(count * features);
    for (let i = 0; i < count; i++) candidates.set(problem.best(i).point, i * features);
    return { candidates, iterations };
  }

  private async gather(): Promise<Pool> {
    const { problem, options } = this;
    const { classes, window } = problem;
    const instances = drawnOrder(problem).instances.slice(0, options.pool);
    const points = this.originalsOf(instances);
    const logits = new Float32Array(instances.length * classes);
    await inWindows(window, points, instances, async (batch, owners, first) => {
      logits.set(await problem.logits(batch, owners), first * classes);
    });
    const values = await this.valuesOf(points, instances);
    return {
      instances,
      logits,
      predicted: predictions(logits, classes),
      values,
      width: values.length / instances.length,
    };
  }

  /** The layer's values at points. */
  private async valuesOf(points: Float32Array, instances: Int32Array): Promise<Float32Array> {
    const { problem, options } = this;
    let values = new Float32Array(0);
    await inWindows(problem.window, points, instances, async (batch, owners, first) => {
      const some = await problem.inner(batch, owners, options.layer);
      const width = some.length / owners.length;
      if (first === 0) values = new Float32Array(instances.length * width);
      values.set(some, first * width);
    });
    return values;
  }

  /** The layer's values of the guides of each instance, the nearest first. */
  private async guidesOf(members: Int32Array, pool: Pool): Promise<readonly (readonly Float32Array[])[]> {
    const { problem, options } = this;
    if (problem.count === 1) {
      // Alone in its set: its own negative.
      const { min, max } = problem.box;
      const negative = this.originalsOf(members).map((value) => min + max - value);
      NORMS.linf.project(negative, this.originalsOf(members), Infinity, problem.bounds(0));
      return [[await this.valuesOf(negative, members)]];
    }
    const own = await this.valuesOf(this.originalsOf(members), members);
    return Array.from(members, (instance, row) => {
      const { values, width } = pool;
      const places = this.rank(instance, pool, own.subarray(row * width, (row + 1) * width));
      return places.slice(0, options.guides).map((place) => values.subarray(place * width, (place + 1) * width));
    });
  }

  /** The members of the pool that are the best guides of an instance, the best first. */
  private rank(instance: number, { instances, logits, predicted, values, width }: Pool, own: Float32Array): number[] {
    const { problem } = this;
    const { classes } = problem;
    const aims = new Uint8Array(classes);
    for (const rival of problem.rivals(instance, new Float32Array(classes), 0)) aims[rival] = 1;
    const others = Array.from(instances.keys()).filter((place) => instances[place] !== instance);
    const fitting = others.filter((place) => aims[predicted[place]!] === 1);
    const worth = new Float64Array(instances.length);
    for (const place of fitting) worth[place] = -squaredDistance(own, values, place * width);
    if (fitting.length > 0) return fitting.sort((a, b) => worth[b]! - worth[a]!);
    // Where the model takes none for a class that would do: those that it takes for one most nearly.
    for (const place of others) worth[place] = lead(logits, place * classes, aims);
    return others.sort((a, b) => worth[b]! - worth[a]!);
  }

  /** Descends from the originals towards the values of guides, until the instances are decided. */
  private async approach(members: Int32Array, guides: readonly Float32Array[]): Promise<void> {
    const { problem, options, iterations } = this;
    const { features } = problem;
    const { steps, momentum, epsilon } = options;
    const norm = NORMS[options.norm];
    const gathered = new Float32Array(members.length * features);
    const points = this.originalsOf(members);
    const direction = new Float32Array(features);
    for (let step = 0; step <= steps; step++) {
      const rows = Array.from(members.keys()).filter((row) => !problem.decided(members[row]!));
      if (rows.length === 0) return;
      const owners = Int32Array.from(rows, (row) => members[row]!);
      const batch = new Float32Array(rows.length * features);
      const aims = new Float32Array(rows.length * guides[0]!.length);
      rows.forEach((row, place) => {
        batch.set(points.subarray(row * features, (row + 1) * features), place * features);
        aims.set(guides[row]!, place * guides[row]!.length);
      });
      const { gradient } = await problem.innerGradient(batch, owners, aims, options.layer);
      const length = (2 * epsilon * (steps - step)) / steps;
      rows.forEach((row, place) => {
        const point = points.subarray(row * features, (row + 1) * features);
        const before = gathered.subarray(row * features, (row + 1) * features);
        const original = problem.originals.subarray(owners[place]! * features, (owners[place]! + 1) * features);
        accumulate(before, gradient, place * features, momentum);
        norm.steepest(before, direction);
        for (let k = 0; k < features; k++) point[k] = point[k]! + length * direction[k]!;
        norm.project(point, original, epsilon, problem.bounds(owners[place]!));
        iterations[owners[place]!]! += 1;
      });
    }
  }

  private originalsOf(members: Int32Array): Float32Array {
    const { originals, features } = this.problem;
    const points = new Float32Array(members.length * features);
    members.forEach((i, row) => points.set(originals.subarray(i * features, (i + 1) * features), row * features));
    return points;
  }
}

/** The gradient, divided by its l1 norm, and what is left of those before it. */
function accumulate(before: Float32Array, gradient: Float32Array, offset: number, momentum: number): void {
  let sum = 0;
  for (let k = 0; k < before.length; k++) sum += Math.abs(gradient[offset + k]!);
  const weight = sum > 0 ? 1 / sum : 0;
  for (let k = 0; k < before.length; k++) before[k] = momentum * before[k]! + weight * gradient[offset + k]!;
}

/** How far the likeliest class that would do is ahead of the others. */
function lead(logits: Float32Array, offset: number, aims: Uint8Array): number {
  let aim = -Infinity;
  let other = -Infinity;
  for (let j = 0; j < aims.length; j++) {
    const logit = logits[offset + j]!;
    if (aims[j] === 1) aim = Math.max(aim, logit);
    else other = Math.max(other, logit);
  }
  return aim - other;
}

function squaredDistance(a: Float32Array, b: Float32Array, offset: number): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[offset + k]!) ** 2;
  return sum;
}
