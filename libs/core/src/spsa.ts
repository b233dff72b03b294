import { lossesOfLogits } from './attack-loss';
import { answersOf, type Classifier, type DifferentiableClassifier } from './classifier';
import { bytesOf, checksum } from './content-key';
import { RampartError } from './error';
import { featureCount } from './image-batch';
import { clip, type PixelBox } from './pixel-box';
import { Rng } from './rng';

/** How gradients are estimated. */
export interface SpsaOptions {
  /** Random directions averaged in one estimate; each costs two queries. */
  readonly samples: number;
  /** How far every feature is moved to either side, in the units of the pixel box. */
  readonly radius: number;
}

/** What is differentiated: values of candidates, one query each. `points` tells which point a candidate is near. */
export type SpsaObjective = (candidates: Float32Array, points: readonly number[]) => Promise<ArrayLike<number>>;

/**
 * Gradients from values alone, by simultaneous perturbation (SPSA; Spall 1992, equation 2.2; as an attack Uesato et
 * al. 2018, section 4): the mean over random sign vectors d of (f(x + r d) - f(x - r d)) / 2r, divided elementwise by
 * d. Queries stay in the box, so a feature at a bound is moved to one side only.
 * @param points [count, features]
 * @param rngs one generator a point: an estimate depends on its point's generator, not on the batch
 * @returns [count, features]
 */
export async function spsaGradients(
  points: Float32Array,
  rngs: readonly Rng[],
  objective: SpsaObjective,
  { samples, radius, box }: SpsaOptions & { readonly box: PixelBox },
): Promise<Float32Array> {
  const count = rngs.length;
  const features = count === 0 ? 0 : points.length / count;
  const gradient = new Float32Array(points.length);
  const candidates = new Float32Array(2 * points.length);
  const indices = Array.from({ length: 2 * count }, (_, row) => row >> 1);
  for (let sample = 0; sample < samples; sample++) {
    for (let i = 0; i < count; i++) {
      const signs = new Signs(rngs[i]!);
      for (let k = 0; k < features; k++) {
        const value = points[i * features + k]!;
        const move = radius * signs.next();
        candidates[2 * i * features + k] = clip(value + move, box);
        candidates[(2 * i + 1) * features + k] = clip(value - move, box);
      }
    }
    const values = await objective(candidates, indices);
    for (let i = 0; i < count; i++) {
      const difference = values[2 * i]! - values[2 * i + 1]!;
      if (difference === 0) continue;
      for (let k = 0; k < features; k++) {
        const apart = candidates[2 * i * features + k]! - candidates[(2 * i + 1) * features + k]!;
        const slot = i * features + k;
        if (apart !== 0) gradient[slot] = gradient[slot]! + difference / (apart * samples);
      }
    }
  }
  return gradient;
}

/** Signs, thirty of them from one draw. */
class Signs {
  private bits = 0;
  private left = 0;

  constructor(private readonly rng: Rng) {}

  next(): 1 | -1 {
    if (this.left === 0) {
      this.bits = this.rng.integer(2 ** 30);
      this.left = 30;
    }
    this.left--;
    const bit = this.bits & 1;
    this.bits >>>= 1;
    return bit === 1 ? 1 : -1;
  }
}

/**
 * Any classifier with gradients that are estimated from queries, for attacks that need some. What an estimate draws
 * depends on seed and image alone, so neither batches nor workers change it.
 */
export function withEstimatedGradients<C extends Classifier>(
  classifier: C,
  options: SpsaOptions & { readonly seed: number },
): C & DifferentiableClassifier {
  if (!(Number.isInteger(options.samples) && options.samples > 0 && options.radius > 0)) {
    throw new RampartError({
      code: 'usage',
      message: `Gradients are estimated from 1 or more samples within a radius above 0. Received: samples=${options.samples}, radius=${options.radius}.`,
    });
  }
  const { box, classes } = classifier;
  const features = featureCount(classifier.shape);
  const root = Rng.root(options.seed).split('spsa');
  const lossGradient: DifferentiableClassifier['lossGradient'] = async (images, labels, loss, rivals) => {
    const { logits, scores } = await answersOf(classifier, images);
    const rngs = Array.from(labels, (_, i) =>
      root.split(checksum(bytesOf(images.subarray(i * features, (i + 1) * features)))),
    );
    const objective: SpsaObjective = async (candidates, points) =>
      lossesOfLogits(await classifier.logits(candidates), classes, {
        labels: Int32Array.from(points, (i) => labels[i]!),
        loss,
        rivals: rivals && Int32Array.from(points, (i) => rivals[i]!),
      });
    const gradient = await spsaGradients(images, rngs, objective, { ...options, box });
    const losses = lossesOfLogits(logits, classes, { labels, loss, rivals });
    return { logits, losses, gradient, ...(scores && { scores }) };
  };
  // Of the classifier's prototype, as its own methods may be there.
  return Object.assign(Object.create(classifier) as C, { lossGradient });
}
