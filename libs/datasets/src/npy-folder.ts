import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  decodeNpy,
  defineDataset,
  featureCount,
  formatShape,
  type ImageShape,
  type NpyArray,
  npyNumbers,
  RampartError,
  throwIfCancelled,
} from '@rampart/core';
import { z } from 'zod';

import { assembleDataset, type RawSplit } from './assemble';
import { classChoice, splitLimit } from './class-choice';
import { type DataFolder, dataFolders } from './data-folder';

const FILES = ['train-images.npy', 'train-labels.npy', 'test-images.npy', 'test-labels.npy'];

type Layout = 'nchw' | 'nhwc';

/** Images of anybody's, as NumPy arrays in the user's data folder. */
export const npyFolder = defineDataset({
  name: 'npy-folder',
  summary:
    'Images and labels of your own as NumPy arrays: train-images.npy, train-labels.npy, test-images.npy, test-labels.npy',
  source: 'The .npy format of NumPy',
  version: 1,
  params: z.object({
    names: z
      .array(z.union([z.string(), z.number()]).transform(String))
      .default([])
      .describe('Names of the classes, in the order of the labels in the files; their numbers when left out'),
    classes: z
      .union([z.literal('all'), z.array(z.union([z.string(), z.number()]))])
      .default('all')
      .describe('Classes by name or number, the malicious one first; all for every class'),
    range: z
      .tuple([z.number(), z.number()])
      .refine(([low, high]) => low < high, { error: 'expected [low, high] with low < high' })
      .optional()
      .describe(
        'Pixel values that become -0.5 and 0.5; [0, 255] for whole numbers and [0, 1] for floats when left out',
      ),
    layout: z
      .enum(['auto', 'nchw', 'nhwc'])
      .default('auto')
      .describe('Order of the axes of colour images; auto takes the axis of 1, 3 or 4 for the channels'),
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  async load(params, { dataDir, signal }) {
    throwIfCancelled(signal);
    const folder = await findFolder(dataDir);
    const arrays: NpyArray[] = [];
    for (const name of FILES) {
      throwIfCancelled(signal);
      const path = join(folder.path, name);
      arrays.push(decodeNpy(await readFile(path), path));
    }
    const [trainImages, trainLabels, testImages, testLabels] = arrays as [NpyArray, NpyArray, NpyArray, NpyArray];
    const [trainFile, , testFile] = FILES.map((name) => join(folder.path, name)) as [string, string, string];
    const layout = params.layout === 'auto' ? guessLayout(trainImages, trainFile) : params.layout;
    const shape = imageShape(trainImages, layout, trainFile);
    const testShape = imageShape(testImages, layout, testFile);
    if (formatShape(shape) !== formatShape(testShape)) {
      throw badData(testFile, `images of ${formatShape(shape)}, as the training images are`, formatShape(testShape));
    }
    const classes = checkLabels([trainLabels, testLabels], folder, params.names);
    const names = params.names.length > 0 ? params.names : Array.from({ length: classes }, (_, label) => String(label));
    const choice = classChoice(names, 'all').safeParse(params.classes);
    if (!choice.success) {
      throw new RampartError({
        code: 'usage',
        message: `dataset "npy-folder", parameter "classes": ${choice.error.issues[0]!.message}`,
      });
    }
    const split = (images: NpyArray, labels: NpyArray, file: string, labelFile: string): RawSplit => {
      if (images.shape[0] !== labels.data.length) {
        throw badData(labelFile, `${images.shape[0]} labels, one an image`, `${labels.data.length}`);
      }
      return npySplit(images, labels, { shape, layout, range: params.range ?? defaultRange(images) }, file);
    };
    return assembleDataset(
      {
        shape,
        names,
        train: split(trainImages, trainLabels, trainFile, join(folder.path, FILES[1]!)),
        test: split(testImages, testLabels, testFile, join(folder.path, FILES[3]!)),
      },
      { ...params, classes: choice.data },
    );
  },
});

async function findFolder(dataDir: string | undefined): Promise<DataFolder> {
  if (dataDir === undefined) {
    throw new RampartError({
      code: 'usage',
      message: `npy-folder reads your own images: pass --data-dir with a folder that holds ${FILES.join(', ')}.`,
    });
  }
  const [folder] = (await dataFolders(dataDir, /^$/)) as [DataFolder];
  const missing = FILES.filter((name) => !folder.entries.includes(name));
  if (missing.length === 0) return folder;
  throw badData(`"${dataDir}"`, `the files ${FILES.join(', ')}`, `a folder without ${missing.join(', ')}`);
}

function guessLayout({ shape }: NpyArray, file: string): Layout {
  if (shape.length !== 4) return 'nchw';
  const plausible = (axis: number): boolean => [1, 3, 4].includes(shape[axis]!);
  if (plausible(1) !== plausible(3)) return plausible(1) ? 'nchw' : 'nhwc';
  throw badData(
    file,
    'one axis of 1, 3 or 4 channels, either the second or the last',
    `the shape (${shape.join(', ')}); say which it is with layout=nchw or layout=nhwc`,
  );
}

function imageShape({ shape }: NpyArray, layout: Layout, file: string): ImageShape {
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  if ((shape.length !== 3 && shape.length !== 4) || shape.includes(0) || count === 0) {
    throw badData(file, 'images as an array of 3 axes (grey) or 4', `the shape (${shape.join(', ')})`);
  }
  if (shape.length === 3) return { channels: 1, height: a, width: b };
  return layout === 'nchw' ? { channels: a, height: b, width: c } : { channels: c, height: a, width: b };
}

/** Checks both label files and returns the number of classes. */
function checkLabels(files: readonly NpyArray[], folder: DataFolder, names: readonly string[]): number {
  let classes = names.length;
  files.forEach((array, i) => {
    const { shape } = array;
    const data = npyNumbers(array);
    const file = join(folder.path, FILES[2 * i + 1]!);
    if (shape.length !== 1) throw badData(file, 'labels as an array of 1 axis', `the shape (${shape.join(', ')})`);
    for (let k = 0; k < data.length; k++) {
      const label = data[k]!;
      const known = Number.isInteger(label) && label >= 0 && (names.length === 0 || label < names.length);
      if (!known) {
        const most = names.length === 0 ? 'on' : `to ${names.length - 1}`;
        throw badData(file, `whole labels from 0 ${most}`, `${label} for image ${k}`);
      }
      if (names.length === 0) classes = Math.max(classes, label + 1);
    }
  });
  return classes;
}

function defaultRange({ data }: NpyArray): [number, number] {
  return data instanceof Float32Array || data instanceof Float64Array ? [0, 1] : [0, 255];
}

interface Pixels {
  readonly shape: ImageShape;
  readonly layout: Layout;
  readonly range: readonly [number, number];
}

function npySplit(images: NpyArray, labels: NpyArray, { shape, layout, range }: Pixels, file: string): RawSplit {
  const [low, high] = range;
  const size = featureCount(shape);
  const data = npyNumbers(images);
  for (let k = 0; k < data.length; k++) {
    if (data[k]! >= low && data[k]! <= high) continue;
    throw badData(
      file,
      `pixels from ${low} to ${high}`,
      `${data[k]} in image ${Math.floor(k / size)}; set range=[low, high]`,
    );
  }
  const { channels, height, width } = shape;
  const area = height * width;
  return {
    labels: npyNumbers(labels),
    copyImage(image, target, offset) {
      const from = image * size;
      for (let k = 0; k < size; k++) {
        const source = layout === 'nchw' || channels === 1 ? k : (k % area) * channels + Math.floor(k / area);
        target[offset + k] = (data[from + source]! - low) / (high - low) - 0.5;
      }
    },
  };
}

function badData(what: string, expected: string, received: string): RampartError {
  return new RampartError({ code: 'bad-data', message: `${what}: expected ${expected}. Received ${received}.` });
}
