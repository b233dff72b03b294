import {
  argmax,
  type Classifier,
  featureCount,
  type ImageBatch,
  RampartError,
  REJECTED,
  type Rng,
  throwIfCancelled,
  type WorkOptions,
} from '@rampart/core';
import { beta, normal } from 'jstat';

/** How a smoothed classifier is asked. */
export interface CertifyOptions extends WorkOptions {
  /** Standard deviation of the noise, in the units of the images. */
  readonly sigma: number;
  /** Noisy copies that the class is chosen by, and others that its share is estimated by. */
  readonly selection: number;
  readonly samples: number;
  /** The probability with which a certificate may be wrong. */
  readonly alpha: number;
  readonly rng: Rng;
}

/** What is certain, but for `alpha`, of one image. */
export interface Certificate {
  /** The class that most noisy copies are taken for; `REJECTED` where too few are for one, which is no answer. */
  readonly prediction: number;
  /** The l2 distance, in the units of the images, up to which it is the answer to whatever image; 0 without one. */
  readonly radius: number;
}

/** Images in one run of the model. */
const WINDOW = 256;

/**
 * Certifies a classifier that answers by the class most of an image's noisy copies are taken for (Cohen, Rosenfeld and
 * Kolter 2019, section 3.2.2, CERTIFY): with p the lower bound of that class's share at confidence 1 - alpha, by Clopper
 * and Pearson, its radius is sigma times the standard normal quantile of p; where p is no more than a half it abstains.
 * @param base the classifier that is given the copies
 */
export async function certify(
  base: Classifier,
  images: ImageBatch,
  { sigma, selection, samples, alpha, rng, signal, onProgress }: CertifyOptions,
): Promise<Certificate[]> {
  checkOptions({ sigma, selection, samples, alpha });
  const features = featureCount(images.shape);
  const certificates: Certificate[] = [];
  for (let i = 0; i < images.count; i++) {
    throwIfCancelled(signal);
    const image = images.data.subarray(i * features, (i + 1) * features);
    const drawn = rng.split(i);
    const first = await votes(base, image, { sigma, copies: selection, rng: drawn.split('selection') });
    const prediction = argmax(first, 0, base.classes);
    const counts = await votes(base, image, { sigma, copies: samples, rng: drawn.split('estimation') });
    const share = lowerShare(counts[prediction]!, samples, alpha);
    certificates.push(
      share > 0.5 ? { prediction, radius: sigma * normal.inv(share, 0, 1) } : { prediction: REJECTED, radius: 0 },
    );
    onProgress?.({ done: i + 1, total: images.count, unit: 'instances' });
  }
  return certificates;
}

/**
 * The part of a test set that is answered right, whatever is done to it within an l2 distance.
 * @param labels the true class of each image
 */
export function certifiedAccuracy(
  certificates: readonly Certificate[],
  labels: ArrayLike<number>,
  radius: number,
): number {
  const certain = certificates.filter(
    ({ prediction, radius: own }, i) => prediction === labels[i] && own >= radius,
  ).length;
  return certificates.length === 0 ? 0 : certain / certificates.length;
}

/** The radius of an image whose copies are all taken for one class: so many copies certify nothing beyond it. */
export function farthestRadius({ sigma, samples, alpha }: Pick<CertifyOptions, 'sigma' | 'samples' | 'alpha'>): number {
  const share = lowerShare(samples, samples, alpha);
  return share > 0.5 ? sigma * normal.inv(share, 0, 1) : 0;
}

/** Whether a class wins less than half of an image's noisy copies, at confidence 1 - alpha: it is not the answer then. */
export async function isDisproved(
  base: Classifier,
  image: Float32Array,
  label: number,
  { sigma, samples, alpha, rng }: Pick<CertifyOptions, 'sigma' | 'samples' | 'alpha' | 'rng'>,
): Promise<boolean> {
  const counts = await votes(base, image, { sigma, copies: samples, rng });
  return lowerShare(samples - counts[label]!, samples, alpha) > 0.5;
}

/** How many noisy copies of an image are taken for each class. */
async function votes(
  base: Classifier,
  image: Float32Array,
  { sigma, copies, rng }: { readonly sigma: number; readonly copies: number; readonly rng: Rng },
): Promise<Float64Array> {
  const counts = new Float64Array(base.classes);
  for (let done = 0; done < copies; done += WINDOW) {
    const rows = Math.min(WINDOW, copies - done);
    const noisy = new Float32Array(rows * image.length);
    for (let k = 0; k < noisy.length; k++) noisy[k] = image[k % image.length]! + sigma * rng.normal();
    const logits = await base.logits(noisy);
    for (let row = 0; row < rows; row++) counts[argmax(logits, row * base.classes, base.classes)]!++;
  }
  return counts;
}

/** The lower bound of a share at confidence 1 - alpha, one-sided (Clopper and Pearson 1934). */
function lowerShare(successes: number, count: number, alpha: number): number {
  if (successes === 0) return 0;
  // What the quantile is then, which is found no more where alpha is very small.
  if (successes === count) return alpha ** (1 / count);
  return beta.inv(alpha, successes, count - successes + 1);
}

function checkOptions({ sigma, selection, samples, alpha }: Omit<CertifyOptions, 'rng'>): void {
  const whole = (value: number) => Number.isInteger(value) && value > 0;
  if (sigma > 0 && sigma < Infinity && whole(selection) && whole(samples) && alpha > 0 && alpha < 1) return;
  throw new RampartError({
    code: 'usage',
    message: `A certificate needs a deviation above 0, copies to choose and to estimate by, and a probability between 0 and 1. Received sigma=${sigma}, ${selection} and ${samples} copies, alpha=${alpha}.`,
  });
}
