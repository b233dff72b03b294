import {
  type Dataset,
  datasetChecksum,
  featureCount,
  type ImageShape,
  imageBatch,
  type LabelledImages,
  type PixelBox,
  PUBLICATION_BOX,
  RampartError,
  type SampleKind,
  sharedFloats,
} from '@rampart/core';

import { type ChosenClasses, type ClassChoice, chooseClasses } from './class-choice';

/** Images as a file holds them, with the dataset's own labels. */
export interface RawSplit {
  readonly labels: ArrayLike<number>;
  /** Writes one image, NCHW and scaled to the dataset's box, to `target` from `offset` on. */
  copyImage(image: number, target: Float32Array, offset: number): void | Promise<void>;
}

export interface RawDataset {
  readonly shape: ImageShape;
  /** [-0.5, 0.5] when left out. */
  readonly box?: PixelBox;
  /** What its values are, where they are no pixels. */
  readonly samples?: SampleKind;
  /** Every class of the dataset, by its own label. */
  readonly names: readonly string[];
  /** The own label of each of these classes, where they do not count from 0 on. */
  readonly labels?: readonly number[] | undefined;
  /** Whether labels are sets: all samples are of class 0, that every label is right, and the others stand for a wrong one. */
  readonly sets?: boolean;
  /** Undefined where the data are there to test models only. */
  readonly train?: RawSplit;
  readonly test: RawSplit;
  readonly note?: string;
}

export interface Selection {
  readonly classes: ClassChoice;
  /** Images to keep of each split; 0 for all. */
  readonly trainLimit: number;
  readonly testLimit: number;
}

/** Samples that are read at once. */
const AT_ONCE = 16;

/** Names that a message lists before it counts the rest. */
const LISTED = 12;

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

/** The splits that a dataset may have, as messages call them. */
type SplitName = 'training' | 'test';

/**
 * Picks classes and samples out of a dataset. Classes that a split has no sample of are said in the dataset's note.
 * @throws RampartError `bad-data` when no test sample is left, or none of the class that is attacked
 * @throws RampartError `usage` when classes are chosen of sets of labels
 */
export async function assembleDataset(source: RawDataset, selection: Selection): Promise<Dataset> {
  if (source.sets && selection.classes !== 'all') {
    throw new RampartError({
      code: 'usage',
      message: `Labels are sets, of which every one counts. Received a choice of classes, ${selection.classes.join(', ')}: leave it out.`,
    });
  }
  const chosen = chooseClasses(source.names, selection.classes);
  const ownLabels = source.labels ?? source.names.map((_, label) => label);
  const indices = {
    train: source.train ? eligible(source.train, ownLabels, chosen) : [],
    test: eligible(source.test, ownLabels, chosen),
  };
  const absentFrom = (split: RawSplit | undefined, kept: readonly number[]) =>
    split && !source.sets ? absentClasses(split, kept, ownLabels, chosen) : [];
  const absent = {
    training: absentFrom(source.train, indices.train),
    test: absentFrom(source.test, indices.test),
  };
  const { classes, malicious } = chosen;
  if (absent.test.length === classes.length || (malicious !== undefined && absent.test.includes(malicious))) {
    throw nothingToTest(source, ownLabels, chosen);
  }
  const take = (split: RawSplit | undefined, all: readonly number[], limit: number) =>
    pick(source, split, ownLabels, chosen, evenlySpaced(all, limit));
  const train = await take(source.train, indices.train, selection.trainLimit);
  const test = await take(source.test, indices.test, selection.testLimit);
  const notes = [
    ...(source.note === undefined ? [] : [source.note]),
    ...(['training', 'test'] as const).flatMap((split) => absenceNote(split, absent[split], classes)),
  ];
  return {
    shape: source.shape,
    box: source.box ?? PUBLICATION_BOX,
    classes,
    malicious,
    ...(!source.sets && {
      own: { labels: classes.map((name) => ownLabels[source.names.indexOf(name)]!), names: namesByLabel(source) },
    }),
    ...(source.samples && { samples: source.samples }),
    train,
    test,
    checksum: datasetChecksum(train, test),
    ...(notes.length > 0 && { note: notes.join('; ') }),
  };
}

/** Each sample's new label, of one of the dataset's own. */
function relabelling(ownLabels: readonly number[], { newLabels }: ChosenClasses): (own: number) => number {
  const byOwn = new Map(ownLabels.map((own, position) => [own, newLabels[position]!]));
  return (own) => byOwn.get(own) ?? -1;
}

function eligible({ labels }: RawSplit, ownLabels: readonly number[], chosen: ChosenClasses): readonly number[] {
  const relabel = relabelling(ownLabels, chosen);
  return Array.from({ length: labels.length }, (_, i) => i).filter((i) => relabel(labels[i]!) >= 0);
}

function absentClasses(
  { labels }: RawSplit,
  kept: readonly number[],
  ownLabels: readonly number[],
  chosen: ChosenClasses,
): readonly number[] {
  const relabel = relabelling(ownLabels, chosen);
  const present = new Set(kept.map((i) => relabel(labels[i]!)));
  return chosen.classes.map((_, label) => label).filter((label) => !present.has(label));
}

async function pick(
  { shape, box = PUBLICATION_BOX }: RawDataset,
  split: RawSplit | undefined,
  ownLabels: readonly number[],
  chosen: ChosenClasses,
  kept: readonly number[],
): Promise<LabelledImages> {
  const relabel = relabelling(ownLabels, chosen);
  const size = featureCount(shape);
  // Worker threads have it without a copy each.
  const data = sharedFloats(kept.length * size);
  for (let first = 0; first < kept.length; first += AT_ONCE) {
    const copies = kept
      .slice(first, first + AT_ONCE)
      .map((image, k) => split!.copyImage(image, data, (first + k) * size));
    await Promise.all(copies);
  }
  return {
    images: imageBatch(data, shape, box),
    labels: Int32Array.from(kept, (image) => relabel(split!.labels[image]!)),
  };
}

function nothingToTest(
  { names, test }: RawDataset,
  ownLabels: readonly number[],
  { classes, malicious }: ChosenClasses,
) {
  const held = new Set(Array.from(test.labels));
  const present = names.filter((_, position) => held.has(ownLabels[position]!));
  const wanted = malicious === undefined ? `of the classes ${listed(classes)}` : `of class "${classes[malicious]}"`;
  return new RampartError({
    code: 'bad-data',
    message: `The test data have no sample ${wanted}, so there is nothing to attack. They hold the classes ${listed(present)}: choose among these.`,
  });
}

/** What a reader must know of classes that a split lacks. */
function absenceNote(split: SplitName, absent: readonly number[], classes: readonly string[]): string[] {
  if (absent.length === 0 || absent.length === classes.length) return [];
  const which = listed(absent.map((label) => classes[label]!));
  return [`no sample of ${absent.length === 1 ? 'class' : 'the classes'} ${which} among the ${split} data`];
}

/** No model tells more classes apart. */
const HIGHEST_LABEL = 1_000_000;

/** Names by the dataset's own labels. */
function namesByLabel({ names, labels }: RawDataset): readonly string[] {
  if (!labels) return names;
  const highest = Math.max(...labels);
  if (highest > HIGHEST_LABEL) {
    throw new RampartError({
      code: 'bad-data',
      message: `The data have the label ${highest}. Expected labels up to ${HIGHEST_LABEL}, which number a model's columns: is that column or array the right one?`,
    });
  }
  const byLabel = new Map(labels.map((label, position) => [label, names[position]!]));
  return Array.from({ length: highest + 1 }, (_, label) => byLabel.get(label) ?? String(label));
}

/** Names as messages list them: the first ones where they are many. */
function listed(names: readonly string[]): string {
  return names.length <= LISTED
    ? names.join(', ')
    : `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`;
}

/** Keeps the share of every class also where a file is sorted by class, which its first images would not. */
function evenlySpaced(indices: readonly number[], limit: number): readonly number[] {
  if (limit === 0 || limit >= indices.length) return indices;
  return Array.from({ length: limit }, (_, i) => indices[Math.floor((i * indices.length) / limit)]!);
}
