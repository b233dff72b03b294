import {
  type Dataset,
  featureCount,
  formatShape,
  type ImageShape,
  type NpyArray,
  npyNumbers,
  RampartError,
  sampleShape,
} from '@rampart/core';
import { z } from 'zod';

import { assembleDataset, type RawSplit } from './assemble';
import { splitLimit } from './class-choice';
import { accompanied, type Brought, companyParams, type Rows } from './company';
import { chooseNamed, labelsOf, namedClasses, readNames } from './own-labels';

/** An array and what messages call it: the file, or the array's name in its file. */
export interface NamedArray {
  readonly name: string;
  readonly array: NpyArray;
}

/** Samples [N, ...] and labels [N], or sets of labels [N, labels] of zeros and ones. */
export interface ArraySplit {
  readonly samples: NamedArray;
  readonly labels: NamedArray;
  /** What each sample brings along for other inputs of a model, by their names: [N, ...]. */
  readonly inputs: ReadonlyMap<string, NamedArray>;
}

/** Parameters of datasets that are arrays. */
export const arrayParams = {
  ...namedClasses,
  inputs: companyParams.inputs('the arrays'),
  range: z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, { error: 'expected [low, high] with low < high' })
    .optional()
    .describe('Values that become -0.5 and 0.5; [0, 255] for whole numbers and [0, 1] for floats when left out'),
  layout: z
    .enum(['auto', 'nchw', 'nhwc'])
    .default('auto')
    .describe('Order of the axes of colour images; auto takes the axis of 1, 3 or 4 for the channels'),
  trainLimit: splitLimit('training'),
  testLimit: splitLimit('test'),
};

export type ArrayParams = z.output<z.ZodObject<typeof arrayParams>>;

type Layout = 'nchw' | 'nhwc';

/**
 * A dataset of arrays: [N, H, W] of grey images, [N, C, H, W] or [N, H, W, C] of others, [N, F] of rows of features,
 * [N, C, D, H, W] of video.
 * @throws RampartError `bad-data` that names the array which does not fit
 */
export async function arrayDataset(
  dataset: string,
  { train, test }: { readonly train?: ArraySplit | undefined; readonly test: ArraySplit },
  params: ArrayParams,
  dataDir: string | undefined,
): Promise<Dataset> {
  const names = await readNames(params.names, dataDir);
  const first = (train ?? test).samples;
  const layout = params.layout === 'auto' ? guessLayout(first) : params.layout;
  const shape = shapeOf(first, layout);
  const testShape = shapeOf(test.samples, layout);
  if (formatShape(shape) !== formatShape(testShape)) {
    throw badData(
      test.samples.name,
      `samples of ${formatShape(shape)}, as the training data are`,
      formatShape(testShape),
    );
  }
  const sets = isSets(test.labels);
  const read = ({ samples, labels, inputs }: ArraySplit): Brought => {
    const values = sets ? new Int32Array(labels.array.shape[0]!) : wholeLabels(labels, names.length);
    if (samples.array.shape[0] !== values.length) {
      throw badData(labels.name, `${samples.array.shape[0]} labels, one a sample`, `${values.length}`);
    }
    return {
      split: arraySplit(samples, values, { shape, layout, range: params.range ?? defaultRange(samples.array) }),
      company: {
        inputs: new Map([...inputs].map(([name, array]) => [name, rowsOf(array)])),
        ...(sets && { labels: rowsOf(labels) }),
      },
    };
  };
  const brought = { ...(train && { train: read(train) }), test: read(test) };
  const splits = { ...(brought.train && { train: brought.train.split }), test: brought.test.split };
  const own = labelsOf(
    Object.values(splits).map((split) => split.labels),
    names,
  );
  const alone = !sets && params.inputs.length === 0;
  const source = alone ? { shape, ...own, ...splits } : accompanied(own, { shape, ...brought, labelNames: names });
  return assembleDataset(source, { ...params, classes: chooseNamed(dataset, source.names, params.classes) });
}

/** Whether labels are a row of zeros and ones a sample. Some write a column of classes. */
function isSets({ array: { shape } }: NamedArray): boolean {
  return shape.length === 2 && shape[1]! > 1;
}

function rowsOf({ name, array }: NamedArray): Rows {
  const [count, ...dims] = array.shape;
  if (count === undefined) throw badData(name, 'a row a sample', 'a single number');
  const numbers = npyNumbers(array);
  return { name, count, dims, at: (index) => numbers[index]! };
}

function guessLayout({ array: { shape }, name }: NamedArray): Layout {
  if (shape.length !== 4) return 'nchw';
  const plausible = (axis: number): boolean => [1, 3, 4].includes(shape[axis]!);
  if (plausible(1) !== plausible(3)) return plausible(1) ? 'nchw' : 'nhwc';
  throw badData(
    name,
    'one axis of 1, 3 or 4 channels, either the second or the last',
    `the shape (${shape.join(', ')}); say which it is with layout=nchw or layout=nhwc`,
  );
}

function shapeOf({ array: { shape }, name }: NamedArray, layout: Layout): ImageShape {
  const [count = 0, ...dims] = shape;
  if (dims.length === 0 || dims.length > 4 || shape.includes(0) || count === 0) {
    throw badData(
      name,
      'samples as an array of 2 axes (rows of features), 3 (grey images), 4 (images) or 5 (video)',
      `the shape (${shape.join(', ')})`,
    );
  }
  if (dims.length === 2) return { channels: 1, height: dims[0]!, width: dims[1]! };
  if (dims.length === 3 && layout === 'nhwc') return { channels: dims[2]!, height: dims[0]!, width: dims[1]! };
  return sampleShape(dims);
}

function wholeLabels({ array, name }: NamedArray, names: number): ArrayLike<number> {
  const [count = 0, ...rest] = array.shape;
  // Some write a column of labels.
  if (array.shape.length === 0 || rest.some((size) => size !== 1)) {
    throw badData(
      name,
      'labels as an array of 1 axis, or sets of labels as one of 2',
      `the shape (${array.shape.join(', ')})`,
    );
  }
  const labels = npyNumbers(array);
  for (let k = 0; k < count; k++) {
    const known = Number.isInteger(labels[k]) && labels[k]! >= 0 && (names === 0 || labels[k]! < names);
    if (known) continue;
    const most = names === 0 ? 'on' : `to ${names - 1}`;
    throw badData(name, `whole labels from 0 ${most}`, `${labels[k]} for sample ${k}`);
  }
  return labels;
}

function defaultRange({ data }: NpyArray): [number, number] {
  return data instanceof Float32Array || data instanceof Float64Array ? [0, 1] : [0, 255];
}

interface Pixels {
  readonly shape: ImageShape;
  readonly layout: Layout;
  readonly range: readonly [number, number];
}

function arraySplit(samples: NamedArray, labels: ArrayLike<number>, { shape, layout, range }: Pixels): RawSplit {
  const [low, high] = range;
  const size = featureCount(shape);
  const data = npyNumbers(samples.array);
  for (let k = 0; k < data.length; k++) {
    if (data[k]! >= low && data[k]! <= high) continue;
    throw badData(
      samples.name,
      `values from ${low} to ${high}`,
      `${data[k]} in sample ${Math.floor(k / size)}; set range=[low, high]`,
    );
  }
  const { channels, height, width, dims } = shape;
  const area = height * width;
  const asIs = layout === 'nchw' || channels === 1 || dims !== undefined;
  return {
    labels,
    copyImage(image, target, offset) {
      const from = image * size;
      for (let k = 0; k < size; k++) {
        const source = asIs ? k : (k % area) * channels + Math.floor(k / area);
        target[offset + k] = (data[from + source]! - low) / (high - low) - 0.5;
      }
    },
  };
}

function badData(file: string, expected: string, received: string): RampartError {
  return new RampartError({ code: 'bad-data', message: `${file}: expected ${expected}. Received ${received}.` });
}
