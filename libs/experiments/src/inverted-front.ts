import { attacks } from '@rampart/attacks';
import {
  type Classifier,
  type ComponentSpec,
  decisionOf,
  enforce,
  evade,
  type Evasion,
  Feasibility,
  type FeasibleSet,
  featureCount,
  type ImageBatch,
  imageBatch,
  type OwnBounds,
  RampartError,
  type Rng,
  type Threat,
  type WorkOptions,
} from '@rampart/core';
import type { Front } from '@rampart/models';

export interface ThroughFrontInput extends WorkOptions {
  readonly front: Front;
  /** Attacks of l-infinity within a budget, without norm and epsilon, each on what those before it left: `apgd(loss=ce)`. */
  readonly attacks: readonly ComponentSpec[];
  /** Judges the examples: the whole model. */
  readonly verifier: Classifier;
  readonly images: ImageBatch;
  /** True class of each image. */
  readonly labels: Int32Array;
  /** The class that each image is to be taken for; without it any wrong class will do. */
  readonly targets?: Int32Array;
  /** The ball in front of the model. */
  readonly threat: Threat;
  readonly feasible?: FeasibleSet;
  readonly rng: Rng;
  readonly batchSize?: number;
}

/** A front whose values change no more often than this from level to level is one of steps: the search keeps to them. */
const MOST_STEPS = 512;

/** How far a feature may move in l2 and l1, as multiples of what all may move by together. */
const WIDTHS = [1, 2, 4];

/**
 * Attacks a model behind its front: searches among the values that the front can make of each pixel's interval, then
 * looks up pixels that make the nearest ones. In l2 and l1 the intervals are of several widths, and what is found is
 * projected into the ball.
 * @returns as `evade`; evaluations are of the part of the model behind the front
 * @throws RampartError `usage` where the threat is one of l0, which bounds no pixel
 */
export async function evadeThroughFront(input: ThroughFrontInput): Promise<Evasion> {
  const { images, labels, targets, threat } = input;
  const features = featureCount(images.shape);
  const { norm, epsilon } = threat;
  if (norm === 'l0') {
    throw new RampartError({
      code: 'usage',
      message: 'A front is attacked within a ball of linf, l2 or l1. Received a threat of l0.',
    });
  }
  const together = norm === 'l1' ? epsilon / features : epsilon / Math.sqrt(features);
  const widths = norm === 'linf' ? [epsilon] : WIDTHS.map((times) => Math.min(epsilon, times * together));
  const ints = () => new Int32Array(images.count);
  const result = {
    adversarial: { ...images, data: images.data.slice() },
    predictions: ints(),
    evaded: new Uint8Array(images.count),
    iterations: ints(),
    forwardEvaluations: ints(),
    gradientEvaluations: ints(),
    stages: [],
    corrected: 0,
  };
  let losses: Evasion['losses'] | undefined;
  let left = Int32Array.from({ length: images.count }, (_, i) => i);
  for (const width of widths) {
    for (const [turn, spec] of input.attacks.entries()) {
      if (left.length === 0) break;
      const part = take(images, left);
      const chosen = { images: part, labels: left.map((i) => labels[i]!) };
      const aims = targets && { targets: left.map((i) => targets[i]!) };
      const found = await search(
        { ...input, ...chosen, ...aims, rng: input.rng.split(`${turn} ${width}`) },
        spec,
        width,
      );
      left.forEach((i, k) => {
        result.adversarial.data.set(found.points.subarray(k * features, (k + 1) * features), i * features);
        result.predictions[i] = found.predictions[k]!;
        result.evaded[i] = Number((found.predictions[k] === (targets ?? labels)[i]!) === (targets !== undefined));
        for (const count of ['iterations', 'forwardEvaluations', 'gradientEvaluations'] as const) {
          result[count][i]! += found[count][k]!;
        }
      });
      losses ??= found.losses;
      left = left.filter((i) => result.evaded[i] === 0);
    }
  }
  return { ...result, losses: losses ?? [] };
}

async function search(input: ThroughFrontInput, spec: ComponentSpec, width: number) {
  const { front, verifier, images, labels, targets, threat, rng, batchSize } = input;
  const feasibility = new Feasibility(input.feasible ?? {}, images.box, featureCount(images.shape));
  const pixels = new Pixels(front, images, feasibility, input.feasible?.values, width);
  const behind = await pixels.forward();
  const { own, farthest } = pixels.reach();
  const evasion = await evade({
    attack: attacks.resolve({ ...spec, params: { ...spec.params, norm: 'linf', epsilon: farthest } }),
    classifier: front.rear,
    verifier: front.rear,
    images: imageBatch(behind, images.shape, front.rear.box),
    labels,
    ...(targets && { targets }),
    rng,
    ...(batchSize !== undefined && { batchSize }),
    feasible: { own },
    ...(input.signal && { signal: input.signal }),
    ...(input.onProgress && { onProgress: input.onProgress }),
  });
  const points = pixels.lookUp(evasion.adversarial.data);
  enforce(points, images, threat, feasibility);
  const logits = await verifier.logits(points);
  const predictions = labels.map((_, i) => decisionOf(logits, i * verifier.classes, verifier));
  return { ...evasion, points, predictions };
}

function take(images: ImageBatch, positions: Int32Array): ImageBatch {
  const features = featureCount(images.shape);
  const data = new Float32Array(positions.length * features);
  positions.forEach((i, k) => data.set(images.data.subarray(i * features, (i + 1) * features), k * features));
  return { ...images, data, count: positions.length };
}

/** The values that features may have in front of a model, and what the front makes of them. */
class Pixels {
  private readonly features: number;
  /** The interval of each pixel. */
  private readonly lower: Float32Array;
  private readonly upper: Float32Array;
  /** The levels that may be taken, and what the front makes of them: [columns, levels]. */
  private readonly levels: Float32Array;
  private readonly table: Float32Array;
  /** What the front makes of the images, and of pixels beside the levels that may be taken as well. */
  private made: readonly { readonly pixels: Float32Array; readonly values: Float32Array }[] = [];

  constructor(
    private readonly front: Front,
    private readonly images: ImageBatch,
    feasibility: Feasibility,
    private readonly values: FeasibleSet['values'],
    width: number,
  ) {
    this.features = featureCount(images.shape);
    this.lower = new Float32Array(images.data.length);
    this.upper = new Float32Array(images.data.length);
    for (let i = 0; i < images.count; i++) {
      const offset = i * this.features;
      const bounds = feasibility.bounds(images.data, offset, i);
      for (let k = 0; k < this.features; k++) {
        this.lower[offset + k] = Math.max(bounds.lower[k]!, images.data[offset + k]! - width);
        this.upper[offset + k] = Math.min(bounds.upper[k]!, images.data[offset + k]! + width);
      }
    }
    const { levels, table } = front;
    const coarse = (levels.length - 1) / 255;
    const may = (k: number) =>
      values === undefined || (values === '8-bit' ? k % coarse === 0 : Number.isInteger(levels[k]!));
    this.levels = levels.filter((_, k) => may(k));
    this.table = values === undefined ? table : table.filter((_, at) => may(at % levels.length));
  }

  /** What the front makes of the images. */
  async forward(): Promise<Float32Array> {
    const taken = [this.images.data, ...(this.values === undefined ? [this.lower, this.upper] : [])];
    this.made = await Promise.all(taken.map(async (pixels) => ({ pixels, values: await this.front.forward(pixels) })));
    return this.made[0]!.values;
  }

  /** The least and the greatest value that each feature can have behind the front, and the farthest from its own. */
  reach(): { readonly own: OwnBounds; readonly farthest: number } {
    const own = this.made[0]!.values;
    const [lower, upper] = [own.slice(), own.slice()];
    let farthest = Number.EPSILON;
    for (let at = 0; at < own.length; at++) {
      let [least, greatest] = [own[at]!, own[at]!];
      for (const { values } of this.made) {
        least = Math.min(least, values[at]!);
        greatest = Math.max(greatest, values[at]!);
      }
      const { from, first, last } = this.within(at);
      for (let k = first; k < last; k++) {
        const value = this.table[from + k]!;
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
      lower[at] = least;
      upper[at] = greatest;
      farthest = Math.max(farthest, own[at]! - least, greatest - own[at]!);
    }
    const nearest = this.steps();
    return { own: { lower, upper, ...(nearest && { nearest }) }, farthest };
  }

  /** Pixels whose values behind the front are nearest to those given; of several the nearest to the original. */
  lookUp(behind: Float32Array): Float32Array {
    const { data } = this.images;
    const points = data.slice();
    for (let at = 0; at < points.length; at++) {
      const [wanted, original] = [behind[at]!, data[at]!];
      let [pixel, apart] = [original, Math.abs(this.made[0]!.values[at]! - wanted)];
      for (const { pixels, values } of this.made) {
        if (Math.abs(values[at]! - wanted) >= apart) continue;
        [pixel, apart] = [pixels[at]!, Math.abs(values[at]! - wanted)];
      }
      const { from, first, last } = this.within(at);
      for (let k = first; k < last; k++) {
        const distance = Math.abs(this.table[from + k]! - wanted);
        if (distance > apart) continue;
        const level = this.levels[k]!;
        if (distance === apart && Math.abs(level - original) >= Math.abs(pixel - original)) continue;
        pixel = level;
        apart = distance;
      }
      points[at] = pixel;
    }
    return points;
  }

  /** Where the levels of a pixel's interval are in the table: `first` to, not including, `last`, from `from` on. */
  private within(at: number): { readonly from: number; readonly first: number; readonly last: number } {
    const { levels } = this;
    const first = place(levels, (level) => level >= this.lower[at]!);
    const last = place(levels, (level) => level > this.upper[at]!);
    return { from: this.front.columns[at % this.features]! * levels.length, first, last };
  }

  /** The nearest value that a feature can have, for a front that makes few; undefined where it makes many. */
  private steps(): OwnBounds['nearest'] {
    const { levels, table, front, features, made } = this;
    /** Where, in each column, the value changes from one level to the next. */
    const changes: number[][] = [];
    for (let from = 0; from < table.length; from += levels.length) {
      const starts = [];
      for (let k = 0; k < levels.length; k++) if (k === 0 || table[from + k] !== table[from + k - 1]) starts.push(k);
      if (starts.length > MOST_STEPS) return undefined;
      changes.push(starts);
    }
    return (instance, feature, value) => {
      const at = instance * features + feature;
      const { from, first, last } = this.within(at);
      let nearest = Infinity;
      const offer = (reached: number) => {
        if (Math.abs(reached - value) < Math.abs(nearest - value)) nearest = reached;
      };
      for (const { values } of made) offer(values[at]!);
      const starts = changes[front.columns[feature]!]!;
      if (first < last) offer(table[from + first]!);
      for (let run = place(starts, (start) => start > first); run < starts.length && starts[run]! < last; run++) {
        offer(table[from + starts[run]!]!);
      }
      return nearest;
    };
  }
}

/** The first place in an ascending list from which on something holds; its length where it never does. */
function place(sorted: ArrayLike<number>, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
