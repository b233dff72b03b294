import { join } from 'node:path';

import { type ImageShape, RampartError, throwIfCancelled } from '@rampart/core';

import { byteSplit, type RawSplit } from './assemble';
import type { DataFolder } from './data-folder';
import { readIdx } from './idx';

/** The four files of a dataset in MNIST's layout, by their official names. */
const FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

export interface IdxDataset {
  readonly shape: ImageShape;
  readonly train: RawSplit;
  readonly test: RawSplit;
}

/** The first of the folders that holds any of the four files; undefined when none does. */
export function idxFolder(folders: readonly DataFolder[]): DataFolder | undefined {
  return folders.find((folder) => FILES.some((file) => spelling(folder, file) !== undefined));
}

/**
 * Reads a dataset in MNIST's layout: four IDX files of the official names, with or without `.gz`, and with a dot
 * in place of the last dash (`train-images.idx3-ubyte`) as some unpackers leave them.
 * @param classes number of classes; a label must be below it
 * @throws RampartError `bad-data` when a file is missing or damaged, when there are not as many labels as images,
 *   when a label is out of range, and when training and test images differ in size
 */
export async function readIdxFolder(folder: DataFolder, classes: number, signal?: AbortSignal): Promise<IdxDataset> {
  const paths = FILES.map((file) => {
    const name = spelling(folder, file);
    if (name !== undefined) return join(folder.path, name);
    throw new RampartError({
      code: 'bad-data',
      message: `"${folder.path}" has no ${file} (nor ${file}.gz). Expected all four of ${FILES.join(', ')}.`,
    });
  });
  throwIfCancelled(signal);
  const train = await readSplit(paths[0]!, paths[1]!, classes);
  throwIfCancelled(signal);
  const test = await readSplit(paths[2]!, paths[3]!, classes);
  const [trainSize, testSize] = [train, test].map(({ shape }) => `${shape.height} x ${shape.width}`);
  if (trainSize !== testSize) {
    throw new RampartError({
      code: 'bad-data',
      message: `${paths[2]}: expected test images of ${trainSize}, as the training images are. Received ${testSize}.`,
    });
  }
  return { shape: train.shape, train: train.split, test: test.split };
}

function spelling(folder: DataFolder, file: string): string | undefined {
  const dotted = file.replace('-idx', '.idx');
  return [file, `${file}.gz`, dotted, `${dotted}.gz`].find((name) => folder.entries.includes(name));
}

async function readSplit(imagesPath: string, labelsPath: string, classes: number) {
  const images = await readIdx(imagesPath, 3);
  const labels = await readIdx(labelsPath, 1);
  const [count, height, width] = images.dims as [number, number, number];
  if (labels.dims[0] !== count) {
    throw new RampartError({
      code: 'bad-data',
      message: `${labelsPath}: expected ${count} labels, one for each image of ${imagesPath}. Received ${labels.dims[0]}. The two files do not belong together.`,
    });
  }
  const bad = labels.data.findIndex((label) => label >= classes);
  if (bad >= 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `${labelsPath}: expected labels from 0 to ${classes - 1}. Received ${labels.data[bad]} for image ${bad}.`,
    });
  }
  const shape = { channels: 1, height, width };
  return { shape, split: byteSplit(images.data, labels.data, shape) };
}
