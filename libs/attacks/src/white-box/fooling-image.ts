import { type AttackProblem, type Bounds, defineAttack, type Rng, type SearchResult } from '@rampart/core';
import { z } from 'zod';

import { cppnEncoding, directEncoding, type ImageEncoding } from '../search/image-encoding';

const params = z.object({
  method: z
    .enum(['gradient', 'direct', 'cppn'])
    .default('gradient')
    .describe('Gradient ascent; or evolution with a gene a pixel, or with pictures that a small network paints.'),
  confidence: z
    .number()
    .positive()
    .max(1)
    .default(0.99)
    .describe('Probability of the class aimed at with which an image is done.'),
  steps: z.int().positive().default(200).describe('Steps of the ascent, or generations, at the most.'),
  offspring: z.int().positive().default(20).describe('Images of a generation, of which the best is the next parent.'),
  step: z
    .number()
    .positive()
    .default(0.02)
    .describe('Mean change of a pixel in a step of the ascent, as a part of the width of the box.'),
  penalty: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('The part of the way to the middle of the box that every pixel goes in a step: the l2 penalty.'),
});

type Options = z.output<typeof params>;

/**
 * Images that show nothing and are taken for something (Nguyen, Yosinski, Clune 2015): starts from noise, not from the
 * instance, and raises the probability of a class until the model is sure of it: of the target, or of any class but
 * the label.
 */
export const foolingImage = defineAttack({
  name: 'fooling-image',
  summary: 'Makes an image out of noise that the model takes for another class with confidence.',
  source: 'Nguyen, Yosinski, Clune 2015, section 2',
  version: 1,
  images: true,
  params,
  threat: () => ({ norm: 'none' }),
  create: (options) => (problem) => {
    const search = new FoolingSearch(problem, options);
    if (options.method === 'gradient') return search.ascend();
    return options.method === 'direct' ? search.evolve(directEncoding) : search.evolve(cppnEncoding(problem.shape));
  },
});

/** What is known of the image of one instance. */
interface Attempt {
  readonly instance: number;
  readonly rng: Rng;
  readonly bounds: Bounds;
  /** 1 for each class that the image may be taken for. */
  readonly aims: Uint8Array;
  /** The best image so far, a view of the result; and the logarithm of its probability. */
  readonly image: Float32Array;
  score: number;
}

class FoolingSearch {
  private readonly candidates: Float32Array;
  private readonly iterations: Int32Array;
  private readonly attempts: readonly Attempt[];
  private readonly enough: number;

  constructor(
    private readonly problem: AttackProblem,
    private readonly options: Options,
  ) {
    const { count, features, classes } = problem;
    this.candidates = new Float32Array(count * features);
    this.iterations = new Int32Array(count);
    this.enough = Math.log(options.confidence);
    this.attempts = Array.from({ length: count }, (_, instance) => {
      const aims = new Uint8Array(classes);
      for (const rival of problem.rivals(instance, new Float32Array(classes), 0)) aims[rival] = 1;
      const image = this.candidates.subarray(instance * features, (instance + 1) * features);
      const [rng, bounds] = [problem.rng(instance), problem.bounds(instance)];
      return { instance, rng, bounds, aims, image, score: -Infinity };
    });
  }

  /** Gradient ascent on the probability, with an l2 penalty (section 2.4). */
  async ascend(): Promise<SearchResult> {
    const { problem, options, iterations } = this;
    const { features, classes, window } = problem;
    const points = this.attempts.map(({ bounds, rng }) => directEncoding.draw(bounds, rng));
    for (let step = 0; step <= options.steps; step++) {
      const open = this.open();
      for (let first = 0; first < open.length; first += window) {
        const some = open.slice(first, first + window);
        const batch = new Float32Array(some.length * features);
        some.forEach(({ instance }, row) => batch.set(points[instance]!, row * features));
        const { gradient, logits } = await this.descent(batch, some);
        some.forEach((one, row) => {
          const point = points[one.instance]!;
          this.offer(one, point, logits, row * classes);
          this.climb(point, gradient.subarray(row * features, (row + 1) * features), one.bounds);
          iterations[one.instance]! += 1;
        });
      }
    }
    return { candidates: this.candidates, iterations };
  }

  /** Generations of changed copies of the best image so far. */
  async evolve<Genome>(encoding: ImageEncoding<Genome>): Promise<SearchResult> {
    const { problem, options, iterations } = this;
    const { features, classes, window } = problem;
    const batch = new Float32Array(window * features);
    const parents = new Map<Attempt, Genome>();
    for (let generation = 0; generation < options.steps; generation++) {
      const open = this.open();
      if (open.length === 0) break;
      const best = new Map<Attempt, Genome>();
      let waiting: { one: Attempt; genome: Genome }[] = [];
      const judge = async () => {
        const owners = Int32Array.from(waiting, ({ one }) => one.instance);
        const logits = await problem.logits(batch.subarray(0, waiting.length * features), owners);
        waiting.forEach(({ one, genome }, row) => {
          const image = batch.subarray(row * features, (row + 1) * features);
          if (this.offer(one, image, logits, row * classes)) best.set(one, genome);
        });
        waiting = [];
      };
      for (const one of open) {
        const parent = parents.get(one);
        iterations[one.instance]! += 1;
        for (let child = 0; child < options.offspring; child++) {
          const genome = parent
            ? encoding.mutate(parent, one.bounds, generation, one.rng)
            : encoding.draw(one.bounds, one.rng);
          encoding.paint(
            genome,
            one.bounds,
            batch.subarray(waiting.length * features, (waiting.length + 1) * features),
          );
          if (waiting.push({ one, genome }) === window) await judge();
        }
      }
      if (waiting.length > 0) await judge();
      for (const [one, genome] of best) parents.set(one, genome);
    }
    return { candidates: this.candidates, iterations };
  }

  private open(): Attempt[] {
    return this.attempts.filter(({ score }) => score < this.enough);
  }

  /** Takes an image if it is better than the best so far. */
  private offer(one: Attempt, image: Float32Array, logits: Float32Array, offset: number): boolean {
    const score = logProbability(logits, offset, one.aims);
    if (!(score > one.score)) return false;
    one.score = score;
    one.image.set(image);
    return true;
  }

  /**
   * Gradients to descend along, for the images of some attempts. Without a target the likeliest class that will do is
   * raised above the next one, whichever that is.
   */
  private async descent(images: Float32Array, some: readonly Attempt[]) {
    const { problem } = this;
    const { features, classes, targeted } = problem;
    const owners = Int32Array.from(some, ({ instance }) => instance);
    if (targeted) return problem.gradient(images, owners, 'cross-entropy');
    const { gradient, logits } = await problem.gradient(images, owners, 'margin');
    // That is label against first; where the second is not the label it takes the label's place.
    const seconds = some.map(({ aims }, row) => secondAim(logits, row * classes, aims));
    const rows = Array.from(some.keys()).filter((row) => seconds[row]! >= 0);
    if (rows.length === 0) return { gradient, logits };
    const again = new Float32Array(rows.length * features);
    rows.forEach((row, k) => again.set(images.subarray(row * features, (row + 1) * features), k * features));
    const second = await problem.gradient(
      again,
      rows.map((row) => owners[row]!),
      'difference',
      { rivals: Int32Array.from(rows, (row) => seconds[row]!) },
    );
    rows.forEach((row, place) => {
      for (let k = 0; k < features; k++) gradient[row * features + k]! -= second.gradient[place * features + k]!;
    });
    return { gradient, logits };
  }

  /** One step of the ascent, in place. */
  private climb(point: Float32Array, gradient: Float32Array, { lower, upper }: Bounds): void {
    const { min, max } = this.problem.box;
    const { step, penalty } = this.options;
    const middle = (min + max) / 2;
    let sum = 0;
    for (let k = 0; k < point.length; k++) sum += Math.abs(gradient[k]!);
    const rate = sum > 0 ? (step * (max - min) * point.length) / sum : 0;
    for (let k = 0; k < point.length; k++) {
      const value = middle + (1 - penalty) * (point[k]! - middle) - rate * gradient[k]!;
      point[k] = value < lower[k]! ? lower[k]! : value > upper[k]! ? upper[k]! : value;
    }
  }
}

/** The logarithm of the largest probability among the classes aimed at. */
function logProbability(logits: Float32Array, offset: number, aims: Uint8Array): number {
  let largest = -Infinity;
  let aim = -Infinity;
  for (let j = 0; j < aims.length; j++) {
    const logit = logits[offset + j]!;
    if (logit > largest) largest = logit;
    if (aims[j] === 1 && logit > aim) aim = logit;
  }
  let sum = 0;
  for (let j = 0; j < aims.length; j++) sum += Math.exp(logits[offset + j]! - largest);
  return aim - largest - Math.log(sum);
}

/** The second likeliest of the classes aimed at, where it is likelier than every other class; -1 where it is not. */
function secondAim(logits: Float32Array, offset: number, aims: Uint8Array): number {
  let first = -1;
  let second = -1;
  let other = -Infinity;
  for (let j = 0; j < aims.length; j++) {
    const logit = logits[offset + j]!;
    if (aims[j] === 0) other = Math.max(other, logit);
    else if (first < 0 || logit > logits[offset + first]!) [first, second] = [j, first];
    else if (second < 0 || logit > logits[offset + second]!) second = j;
  }
  return second >= 0 && logits[offset + second]! > other ? second : -1;
}
