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

/** Images of one byte a value, NCHW, with the dataset's own labels. */
export interface ByteSplit {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

export interface ByteDataset {
  readonly shape: ImageShape;
  /** Every class of the dataset, by its own label. */
  readonly names: readonly string[];
  readonly train: ByteSplit;
  readonly test: ByteSplit;
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

/**
 * Picks classes and images out of a dataset of bytes and scales them to [-0.5, 0.5].
 * @throws RampartError `bad-data` when a split holds no image of a chosen class
 */
export function assembleDataset(source: ByteDataset, selection: Selection): Dataset {
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
  { shape, names }: ByteDataset,
  split: ByteSplit,
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
    const present = names.filter((_, label) => split.labels.includes(label));
    throw new RampartError({
      code: 'bad-data',
      message: `The ${what} data have no image of class "${classes[missing]}". They hold the classes ${present.join(', ')}: choose among these.`,
    });
  }
  const size = featureCount(shape);
  const kept = evenlySpaced(eligible, limit);
  const data = new Float32Array(kept.length * size);
  const labels = new Int32Array(kept.length);
  kept.forEach((image, row) => {
    labels[row] = newLabels[split.labels[image]!]!;
    const from = image * size;
    const to = row * size;
    for (let k = 0; k < size; k++) data[to + k] = SCALED[split.pixels[from + k]!]!;
  });
  return { images: imageBatch(data, shape, PUBLICATION_BOX), labels };
}

/** Keeps the share of every class also where a file is sorted by class, which its first images would not. */
function evenlySpaced(indices: readonly number[], limit: number): readonly number[] {
  if (limit === 0 || limit >= indices.length) return indices;
  return Array.from({ length: limit }, (_, i) => indices[Math.floor((i * indices.length) / limit)]!);
}
