import {
  type Dataset,
  datasetChecksum,
  featureCount,
  type ImageShape,
  imageBatch,
  type LabelledImages,
  PUBLICATION_BOX,
  RampartError,
} from '@rampart/core';

import { type ChosenClasses, type ClassChoice, chooseClasses } from './class-choice';

/** Images as a file holds them, with the dataset's own labels. */
export interface RawSplit {
  readonly labels: ArrayLike<number>;
  /** Writes one image, NCHW and scaled to [-0.5, 0.5], to `target` from `offset` on. */
  copyImage(image: number, target: Float32Array, offset: number): void;
}

export interface RawDataset {
  readonly shape: ImageShape;
  /** Every class of the dataset, by its own label. */
  readonly names: readonly string[];
  readonly train: RawSplit;
  readonly test: RawSplit;
  readonly note?: string;
}

export interface Selection {
  readonly classes: ClassChoice;
  /** Images to keep of each split; 0 for all. */
  readonly trainLimit: number;
  readonly testLimit: number;
}

/** Pixels 0 to 255 scaled to the publication's box. */
const SCALED = Float32Array.from({ length: 256 }, (_, byte) => byte / 255 - 0.5);

/** Writes `size` pixels of a byte each, scaled to [-0.5, 0.5]. */
export function scaleBytes(from: Uint8Array, start: number, size: number, target: Float32Array, offset: number): void {
  for (let k = 0; k < size; k++) target[offset + k] = SCALED[from[start + k]!]!;
}

/** A split of images of one byte a value, NCHW, one after the other. */
export function byteSplit(pixels: Uint8Array, labels: Uint8Array, shape: ImageShape): RawSplit {
  const size = featureCount(shape);
  return {
    labels,
    copyImage: (image, target, offset) => scaleBytes(pixels, image * size, size, target, offset),
  };
}

/**
 * Picks classes and images out of a dataset.
 * @throws RampartError `bad-data` when a split holds no image of a chosen class
 */
export function assembleDataset(source: RawDataset, selection: Selection): Dataset {
  const chosen = chooseClasses(source.names, selection.classes);
  const train = pick(source, source.train, chosen, selection.trainLimit, 'training');
  const test = pick(source, source.test, chosen, selection.testLimit, 'test');
  return {
    shape: source.shape,
    box: PUBLICATION_BOX,
    classes: chosen.classes,
    malicious: chosen.malicious,
    train,
    test,
    checksum: datasetChecksum(train, test),
    ...(source.note === undefined ? {} : { note: source.note }),
  };
}

function pick(
  { shape, names }: RawDataset,
  split: RawSplit,
  { classes, newLabels }: ChosenClasses,
  limit: number,
  what: string,
): LabelledImages {
  const eligible: number[] = [];
  const counts = new Int32Array(classes.length);
  for (let i = 0; i < split.labels.length; i++) {
    const label = newLabels[split.labels[i]!]!;
    if (label < 0) continue;
    eligible.push(i);
    counts[label]! += 1;
  }
  const missing = counts.indexOf(0);
  if (missing >= 0) {
    const held = new Set(Array.from(split.labels));
    throw new RampartError({
      code: 'bad-data',
      message: `The ${what} data have no image of class "${classes[missing]}". They hold the classes ${names.filter((_, label) => held.has(label)).join(', ')}: choose among these.`,
    });
  }
  const size = featureCount(shape);
  const kept = evenlySpaced(eligible, limit);
  const data = new Float32Array(kept.length * size);
  const labels = Int32Array.from(kept, (image) => newLabels[split.labels[image]!]!);
  kept.forEach((image, row) => split.copyImage(image, data, row * size));
  return { images: imageBatch(data, shape, PUBLICATION_BOX), labels };
}

/** Keeps the share of every class also where a file is sorted by class, which its first images would not. */
function evenlySpaced(indices: readonly number[], limit: number): readonly number[] {
  if (limit === 0 || limit >= indices.length) return indices;
  return Array.from({ length: limit }, (_, i) => indices[Math.floor((i * indices.length) / limit)]!);
}
