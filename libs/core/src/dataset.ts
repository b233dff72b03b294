import { createHash } from 'node:crypto';

import type { z } from 'zod';

import { bytesOf } from './content-key';
import type { ImageShape, LabelledImages } from './image-batch';
import type { PixelBox } from './pixel-box';
import type { WorkOptions } from './progress';
import type { ComponentDefinition, Resolved } from './registry';
import type { SampleKind } from './sample-kind';

/** How classes that were chosen out of a dataset are labelled in it. */
export interface OwnClasses {
  /** The dataset's own label of each chosen class. */
  readonly labels: readonly number[];
  /** The name of every class, by the dataset's own labels; what lacks a name is called by its label. */
  readonly names: readonly string[];
}

/** Loaded samples, split for training and testing. */
export interface Dataset {
  readonly shape: ImageShape;
  readonly box: PixelBox;
  /** What the values are, where they are no pixels. */
  readonly samples?: SampleKind;
  /** The classes' names; a label is an index into it. */
  readonly classes: readonly string[];
  /** The label whose instances the attacker modifies; undefined when every class is attacked. */
  readonly malicious: number | undefined;
  /** Where labels are told apart from classes: a model of more classes has its columns in the order of these. */
  readonly own?: OwnClasses;
  /** Empty where the data are there to test models only. */
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** SHA-256 over pixels and labels of both splits: equal datasets have equal checksums. */
  readonly checksum: string;
  /** What a reader of results from it must know: "test images held out from the training set". */
  readonly note?: string;
}

export interface LoadOptions extends WorkOptions {
  /** Where the user's own data is. Without it a dataset uses what its package ships or what it has cached. */
  readonly dataDir?: string;
  /** Nothing is downloaded: what would be is refused, with the code `unavailable`. */
  readonly offline?: boolean;
}

export interface DatasetDefinition<P extends z.ZodObject = z.ZodObject> extends ComponentDefinition {
  readonly kind: 'dataset';
  readonly params: P;
  /** @throws RampartError `bad-data` when a file is damaged, `usage` when a class does not exist. */
  load(params: z.output<P>, options: LoadOptions): Promise<Dataset>;
}

export type DatasetSource = Resolved<DatasetDefinition>;

/** Declares a dataset. */
export function defineDataset<P extends z.ZodObject>(
  definition: Omit<DatasetDefinition<P>, 'kind'>,
): DatasetDefinition {
  return { kind: 'dataset', ...definition } as unknown as DatasetDefinition;
}

/**
 * The checksum of a dataset with these splits: SHA-256 over each one's count and shape, its pixels and its labels.
 * Two datasets have the same checksum when they have the same content, whatever files it was read from.
 */
export function datasetChecksum(train: LabelledImages, test: LabelledImages): string {
  const hash = createHash('sha256');
  for (const { images, labels } of [train, test]) {
    const { channels, height, width } = images.shape;
    hash.update(`${images.count} ${channels} ${height} ${width}\n`);
    hash.update(bytesOf(images.data)).update(bytesOf(labels));
  }
  return hash.digest('hex');
}
