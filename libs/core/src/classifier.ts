import type { ImageShape } from './image-batch';
import type { PixelBox } from './pixel-box';

/** A model that maps images to one logit a class. */
export interface Classifier {
  /** The shape of one image. */
  readonly shape: ImageShape;
  /** The interval that its pixels are expected in. */
  readonly box: PixelBox;
  /** Number of classes. */
  readonly classes: number;
  /** Whether it may reject an image, as none of its classes: the logits of such a one are all the same. */
  readonly rejects?: boolean;
  /**
   * Logits of every image.
   * @param images float32 [count, channels, height, width], flattened
   * @returns float32 [count, classes], flattened
   * @throws RampartError `bad-data` when the length is no whole number of images
   */
  logits(images: Float32Array): Promise<Float32Array>;
  /**
   * Of one that may reject an image: its scores of the classes and, last, that of a rejection, whichever wins. They tell
   * how far a rejected image is from being accepted, which its logits do not.
   * @returns float32 [count, classes + 1], flattened
   */
  readonly scores?: (images: Float32Array) => Promise<Float32Array>;
}

/**
 * What an attack differentiates, for an image x with label y, a rival class r, and logits z, z_(k) the k-th largest.
 * - `cross-entropy`: J = log(sum_j exp z_j) - z_y
 * - `margin`: f = z_y - max over j != y of z_j, negative where x is not classified as y
 * - `difference`: z_y - z_r
 * - `dlr`: f / (z_(1) - z_(3)), the difference of logits ratio (Croce and Hein 2020, equation 6), with the sign of f;
 *   with fewer than three classes, where it does not exist, f itself
 * - `targeted-dlr`: (z_y - z_r) / (z_(1) - (z_(3) + z_(4)) / 2) (equation 7); with fewer than four classes the difference
 */
export type AttackLoss = 'cross-entropy' | 'margin' | 'difference' | 'dlr' | 'targeted-dlr';

/** The losses that compare the label with one other class. */
export type RivalLoss = 'difference' | 'targeted-dlr';

/** True for a loss that needs a rival class for every image. */
export function hasRival(loss: AttackLoss): loss is RivalLoss {
  return loss === 'difference' || loss === 'targeted-dlr';
}

/** The value and the gradient of a loss for every image of a batch. */
export interface LossGradient {
  /** [count, classes] */
  readonly logits: Float32Array;
  /** One loss an image. */
  readonly losses: Float32Array;
  /** The gradient of each image's loss with respect to that image: [count, channels, height, width]. */
  readonly gradient: Float32Array;
  /** See `Classifier.scores`. */
  readonly scores?: Float32Array;
}

/** A classifier with input gradients. */
export interface DifferentiableClassifier extends Classifier {
  /**
   * The gradient of each image's own loss with respect to its pixels.
   * @param labels one class index an image
   * @param rivals one other class an image, for `difference` and `targeted-dlr`
   * @throws RampartError `usage` where a loss needs rivals and there are none
   */
  lossGradient(images: Float32Array, labels: Int32Array, loss: AttackLoss, rivals?: Int32Array): Promise<LossGradient>;
  /**
   * Values of an inner layer, for attacks that match those of another image.
   * @param layer the name of a value; the input of the last linear layer where nothing is said
   */
  readonly inner?: (images: Float32Array, layer?: string) => Promise<Float32Array>;
  /**
   * The squared distance of an inner layer's values from given ones, |h(x) - guide|^2, and its gradient.
   * @param guides as many values an image as the layer has
   */
  readonly innerGradient?: (images: Float32Array, guides: Float32Array, layer?: string) => Promise<LossGradient>;
}

/** The index of the largest of `classes` values from `offset` on; the first one of equals. */
export function argmax(values: ArrayLike<number>, offset: number, classes: number): number {
  let best = 0;
  for (let j = 1; j < classes; j++) if (values[offset + j]! > values[offset + best]!) best = j;
  return best;
}

/** What stands for a predicted class where a model rejects an image. */
export const REJECTED = -1;

/** What a model decides of one image. */
export function decisionOf(
  logits: ArrayLike<number>,
  offset: number,
  { classes, rejects = false }: Pick<Classifier, 'classes' | 'rejects'>,
): number {
  if (rejects && isEven(logits, offset, classes)) return REJECTED;
  return argmax(logits, offset, classes);
}

/** The decision of every row of logits [count, classes]. */
export function predictions(logits: Float32Array, classes: number, rejects = false): Int32Array {
  const result = new Int32Array(logits.length / classes);
  for (let i = 0; i < result.length; i++) result[i] = decisionOf(logits, i * classes, { classes, rejects });
  return result;
}

/** Whether a decision is what an attacker wants: the target, or, where there is none, a wrong class. A rejection is none. */
export function isEvasion(decision: number, label: number, target?: number): boolean {
  return target === undefined ? decision !== label && decision !== REJECTED : decision === target;
}

function isEven(values: ArrayLike<number>, offset: number, classes: number): boolean {
  for (let j = 1; j < classes; j++) if (values[offset + j] !== values[offset]) return false;
  return true;
}

/** The margin z_label - max over the others, of the row of logits that starts at `offset`. */
export function margin(logits: ArrayLike<number>, offset: number, classes: number, label: number): number {
  let other = -Infinity;
  for (let j = 0; j < classes; j++) if (j !== label && logits[offset + j]! > other) other = logits[offset + j]!;
  return logits[offset + label]! - other;
}

/**
 * How far an image is from what an attacker wants, below 0 where it is that: a wrong class, or the target, ahead of all
 * others and of the rejection.
 * @param scores the row that starts at `offset`: one a class, and last that of a rejection where `columns` says so
 */
export function evasionMargin(
  scores: ArrayLike<number>,
  offset: number,
  { classes, columns }: { readonly classes: number; readonly columns: number },
  { label, target }: { readonly label: number; readonly target: number | undefined },
): number {
  const lead = target === undefined ? margin(scores, offset, classes, label) : -margin(scores, offset, classes, target);
  if (columns === classes) return lead;
  const own = scores[offset + (target ?? label)]!;
  const over = scores[offset + classes]! - own;
  // Of a label the rejection stands in its place, of a target in that of the others, where it is ahead of them.
  return target === undefined ? lead + Math.max(0, over) : Math.max(lead, over);
}

/** What a classifier answers to images, with its scores where it has them, which its logits are of. */
export async function answersOf(
  classifier: Classifier,
  images: Float32Array,
): Promise<Pick<LossGradient, 'logits' | 'scores'>> {
  const scores = await classifier.scores?.(images);
  return scores
    ? { logits: logitsOfScores(scores, classifier.classes), scores }
    : { logits: await classifier.logits(images) };
}

/** The logits of scores: where the rejection wins, its score for each class. */
export function logitsOfScores(scores: Float32Array, classes: number): Float32Array {
  const count = scores.length / (classes + 1);
  const logits = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) {
    const row = scores.subarray(i * (classes + 1), (i + 1) * (classes + 1));
    const rejected = row[classes]!;
    const wins = rejected > row[argmax(row, 0, classes)]!;
    for (let j = 0; j < classes; j++) logits[i * classes + j] = wins ? rejected : row[j]!;
  }
  return logits;
}
