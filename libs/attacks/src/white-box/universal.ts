import { type AttackProblem, defineAttack, NORMS, type SearchResult } from '@rampart/core';
import { z } from 'zod';

import { drawnOrder } from '../search/drawn-order';
import { stepToPlane } from '../search/hyperplane';
import { inWindows } from '../search/in-windows';

const params = z.object({
  norm: z.enum(['linf', 'l2']).default('linf').describe('The norm that the perturbation is measured in.'),
  epsilon: z
    .number('expected a number above 0, or threats in the experiment that give it one')
    .positive()
    .describe("The ball's radius, in the units of the pixel box.")
    .meta({ shown: true }),
  foolingRate: z
    .number()
    .positive()
    .max(1)
    .default(0.8)
    .describe('The part of the instances that must evade for the search to end.'),
  passes: z.int().positive().default(10).describe('Passes over all instances at the most.'),
  steps: z.int().positive().default(10).describe('Steps to the boundary from one instance at the most.'),
  overshoot: z.number().nonnegative().default(0.02).describe('How far beyond the boundary a step goes.'),
  candidates: z
    .int()
    .min(2)
    .default(10)
    .describe('The likeliest classes, the own one among them, whose boundaries are looked at.'),
});

type Options = z.output<typeof params>;

/**
 * One perturbation v for all instances (Moosavi-Dezfooli et al. 2017, algorithm 1): from each instance that v leaves
 * where it is, the shortest way over the boundary is added to v, which is then projected into the ball. Every instance
 * gets x + v, projected into its bounds. The way over the boundary is the shortest of l2 in either norm, as in the
 * authors' code: that of linf moves all features alike, which leaves nothing of the ways found before.
 *
 * It answers for what it returns by itself: the best point that was asked about of an instance would not be the one
 * perturbation.
 */
export const universal = defineAttack({
  name: 'universal',
  summary: 'One perturbation for all instances, gathered from the shortest way over the boundary of each.',
  source: 'Moosavi-Dezfooli, Fawzi, Fawzi, Frossard 2017, algorithm 1; DeepFool (2016) for the way over the boundary',
  version: 1,
  scope: 'set',
  norms: ['linf', 'l2'],
  params,
  threat: ({ norm, epsilon }) => ({ norm, epsilon }),
  create: (options) => (problem) => new UniversalSearch(problem, options).run(),
});

class UniversalSearch {
  private readonly unbounded;
  private readonly zeros: Float32Array;
  private readonly perturbation: Float32Array;
  /** Where the search is, and where it was before it set out from an instance. */
  private readonly point: Float32Array;
  private readonly start: Float32Array;
  private readonly step: Float32Array;
  private readonly shortest: Float32Array;

  constructor(
    private readonly problem: AttackProblem,
    private readonly options: Options,
  ) {
    const { features } = problem;
    this.unbounded = {
      lower: new Float32Array(features).fill(-Infinity),
      upper: new Float32Array(features).fill(Infinity),
    };
    this.zeros = new Float32Array(features);
    this.perturbation = new Float32Array(features);
    this.point = new Float32Array(features);
    this.start = new Float32Array(features);
    this.step = new Float32Array(features);
    this.shortest = new Float32Array(features);
  }

  async run(): Promise<SearchResult> {
    const { problem, perturbation } = this;
    const { passes, foolingRate } = this.options;
    const { count, features } = problem;
    const { instances, rng } = drawnOrder(problem);
    const rivals = await this.rivals();
    let most = -1;
    let pass = 0;
    const best = perturbation.slice();
    for (; ; pass++) {
      const fooled = await this.fooled();
      if (fooled > most) {
        most = fooled;
        best.set(perturbation);
      }
      if (fooled >= foolingRate * count || pass === passes) break;
      for (const place of rng.permutation(count)) await this.add(instances[place]!, rivals);
    }
    const candidates = new Float32Array(count * features);
    for (let i = 0; i < count; i++) this.perturb(i, best, candidates.subarray(i * features, (i + 1) * features));
    return { candidates, iterations: new Int32Array(count).fill(pass) };
  }

  /** The classes that each instance may be taken to, by the likeliest: [count, n]. */
  private async rivals(): Promise<Int32Array> {
    const { problem } = this;
    const { count, classes } = problem;
    const each = problem.targeted ? 1 : Math.min(this.options.candidates, classes) - 1;
    const rivals = new Int32Array(count * each);
    await inWindows(problem.window, problem.originals, indices(count), async (points, instances, first) => {
      const logits = await problem.logits(points, instances);
      for (let row = 0; row < instances.length; row++) {
        rivals.set(problem.rivals(first + row, logits, row * classes).subarray(0, each), (first + row) * each);
      }
    });
    return rivals;
  }

  /** How many instances evade with the present perturbation. */
  private async fooled(): Promise<number> {
    const { problem, perturbation } = this;
    const { count, features, window } = problem;
    const points = new Float32Array(Math.min(window, count) * features);
    let fooled = 0;
    for (let first = 0; first < count; first += window) {
      const rows = Math.min(window, count - first);
      for (let row = 0; row < rows; row++) {
        this.perturb(first + row, perturbation, points.subarray(row * features, (row + 1) * features));
      }
      const margins = await problem.margins(points.subarray(0, rows * features), indices(rows, first));
      for (const margin of margins) if (margin < 0) fooled++;
    }
    return fooled;
  }

  /** Adds an instance's shortest way over the boundary to the perturbation, where that does not take it there yet. */
  private async add(instance: number, rivals: Int32Array): Promise<void> {
    const { problem, options, perturbation, point, start, step, shortest } = this;
    const { features, count, targeted } = problem;
    const each = rivals.length / count;
    const aims = rivals.subarray(instance * each, (instance + 1) * each);
    const owners = new Int32Array(each).fill(instance);
    const norm = NORMS[options.norm];
    const bounds = problem.bounds(instance);
    this.perturb(instance, perturbation, point);
    start.set(point);
    const [margin] = await problem.margins(point, [instance]);
    if (margin! < 0) return;
    const points = new Float32Array(each * features);
    for (let taken = 0; taken < options.steps; taken++) {
      for (let row = 0; row < each; row++) points.set(point, row * features);
      // Of a target it is the strongest other class that matters, whichever it is.
      const { gradient, losses, margins } = targeted
        ? await problem.gradient(points, owners, 'margin')
        : await problem.gradient(points, owners, 'difference', { rivals: aims });
      if (margins[0]! < 0) break;
      let least = Infinity;
      for (let row = 0; row < each; row++) {
        const slope = gradient.subarray(row * features, (row + 1) * features);
        const length = stepToPlane(NORMS.l2, { value: losses[row]!, slope }, point, bounds, step);
        if (!(length > 0 && length < least)) continue;
        least = length;
        shortest.set(step);
      }
      if (least === Infinity) break;
      for (let k = 0; k < features; k++) point[k] = point[k]! + (1 + options.overshoot) * shortest[k]!;
      norm.project(point, start, Infinity, bounds);
    }
    for (let k = 0; k < features; k++) perturbation[k] = perturbation[k]! + point[k]! - start[k]!;
    norm.project(perturbation, this.zeros, options.epsilon, this.unbounded);
  }

  /** The instance with a perturbation, inside its bounds and the ball. */
  private perturb(instance: number, perturbation: Float32Array, into: Float32Array): void {
    const { originals, features } = this.problem;
    const original = originals.subarray(instance * features, (instance + 1) * features);
    for (let k = 0; k < features; k++) into[k] = original[k]! + perturbation[k]!;
    NORMS[this.options.norm].project(into, original, this.options.epsilon, this.problem.bounds(instance));
  }
}

/** Whole numbers from `first` on. */
function indices(count: number, first = 0): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => first + i);
}
