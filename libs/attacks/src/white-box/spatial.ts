import { type AttackProblem, defineAttack, type ImageShape, NORMS, type SearchResult } from '@rampart/core';
import { z } from 'zod';

import { moveImage, type RigidMotion } from '../search/rigid-motion';

const params = z.object({
  method: z
    .enum(['grid', 'random'])
    .default('grid')
    .describe('Every motion of a grid, or the worst of some drawn at random.'),
  rotation: z.number().nonnegative().max(180).default(30).describe('Largest rotation, in degrees.'),
  translation: z
    .number()
    .nonnegative()
    .optional()
    .describe('Largest shift each way, in pixels. Default: 3 on images 28 to 32 pixels wide, in proportion on others.'),
  rotations: z.int().positive().default(31).describe('Rotations of the grid.'),
  shifts: z.int().positive().default(5).describe('Shifts of the grid each way.'),
  draws: z.int().positive().default(10).describe('Motions drawn at random.'),
  fill: z
    .enum(['black', 'edge'])
    .default('black')
    .describe("What comes in from outside: the lower end of the box, or the image's own edge continued."),
});

type Options = z.output<typeof params>;

/**
 * Rotations and shifts that a model must not mind (Engstrom et al. 2019, section 3): all of a grid, or the worst of
 * some drawn uniformly. No norm measures them. A grid is searched from its smallest rotations on and left at the first
 * rotation that evades with some shift.
 */
export const spatial = defineAttack({
  name: 'spatial',
  summary: 'Rotates and shifts the image: every motion of a grid, or the worst of some at random.',
  source: 'Engstrom, Tran, Tsipras, Schmidt, Madry 2019, section 3',
  version: 1,
  images: true,
  knowledge: 'scores',
  params,
  threat: () => ({ norm: 'none' }),
  create: (options) => (problem) => new SpatialSearch(problem, options).run(),
});

class SpatialSearch {
  private readonly candidates: Float32Array;
  private readonly iterations: Int32Array;
  private readonly lowest: Float64Array;
  private readonly batch: Float32Array;
  private readonly fill: number | undefined;
  private owners: number[] = [];

  constructor(
    private readonly problem: AttackProblem,
    private readonly options: Options,
  ) {
    this.candidates = problem.originals.slice();
    this.iterations = new Int32Array(problem.count);
    this.lowest = new Float64Array(problem.count).fill(Infinity);
    this.batch = new Float32Array(problem.window * problem.features);
    this.fill = options.fill === 'black' ? problem.box.min : undefined;
  }

  async run(): Promise<SearchResult> {
    const { problem, options, candidates, iterations } = this;
    const { count, shape } = problem;
    // Where the image as it is evades, nothing is done to it.
    await this.tryAll(() => [{ angle: 0, right: 0, down: 0 }]);
    iterations.fill(0);
    if (options.method === 'random') {
      const draws = Array.from({ length: count }, (_, i) => {
        const rng = problem.rng(i);
        const either = (most: number) => most * (2 * rng.uniform() - 1);
        return Array.from({ length: options.draws }, () => ({
          angle: either(options.rotation),
          right: either(largestShift(shape.width, options)),
          down: either(largestShift(shape.height, options)),
        }));
      });
      await this.tryAll((instance) => draws[instance]!);
    } else {
      for (const motions of grid(shape, options)) await this.tryAll(() => motions);
    }
    return { candidates, iterations };
  }

  /** Tries motions of every instance that does not evade yet. */
  private async tryAll(motions: (instance: number) => readonly RigidMotion[]): Promise<void> {
    const { problem, batch, owners, lowest, iterations, fill } = this;
    const { count, features, shape, originals } = problem;
    const norm = NORMS.linf;
    // What was found in these very motions must not end them: that would depend on the size of a batch.
    const open = lowest.map((margin) => (margin < 0 ? 0 : 1));
    for (let i = 0; i < count; i++) {
      if (open[i] === 0) continue;
      const original = originals.subarray(i * features, (i + 1) * features);
      const bounds = problem.bounds(i);
      for (const motion of motions(i)) {
        const point = batch.subarray(owners.length * features, (owners.length + 1) * features);
        moveImage(original, shape, motion, fill, point);
        norm.project(point, original, Infinity, bounds);
        iterations[i]! += 1;
        if (owners.push(i) === problem.window) await this.flush();
      }
    }
    await this.flush();
  }

  private async flush(): Promise<void> {
    const { problem, batch, owners, lowest, candidates } = this;
    const { features } = problem;
    if (owners.length === 0) return;
    const margins = await problem.margins(batch.subarray(0, owners.length * features), owners);
    owners.forEach((instance, row) => {
      if (!(margins[row]! < lowest[instance]!)) return;
      lowest[instance] = margins[row]!;
      candidates.set(batch.subarray(row * features, (row + 1) * features), instance * features);
    });
    owners.length = 0;
  }
}

/** The motions of a grid: for every rotation, the small ones first, all shifts. */
function grid({ width, height }: ImageShape, options: Options): RigidMotion[][] {
  const rights = levels(largestShift(width, options), options.shifts);
  const downs = levels(largestShift(height, options), options.shifts);
  return levels(options.rotation, options.rotations).map((angle) =>
    rights.flatMap((right) => downs.map((down) => ({ angle, right, down }))),
  );
}

/** Evenly spaced values from -most to most, those near 0 first. */
function levels(most: number, count: number): number[] {
  const values = Array.from({ length: count }, (_, k) => (count === 1 ? 0 : (2 * most * k) / (count - 1) - most));
  return values.sort((a, b) => Math.abs(a) - Math.abs(b));
}

function largestShift(side: number, { translation }: Options): number {
  return translation ?? (side < 28 ? (3 * side) / 28 : side > 32 ? (3 * side) / 32 : 3);
}
