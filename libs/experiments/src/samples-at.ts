import {
  companyOf,
  type Dataset,
  datasetChecksum,
  formatShape,
  imageBatch,
  joined,
  type LabelledImages,
  pixelBox,
  RampartError,
} from '@rampart/core';
import { openCut, parsePreprocess } from '@rampart/models';
import { readModelFile } from '@rampart/onnx';

import type { InnerDataset } from './inner-dataset';
import { type OnnxFileParams, prepareOptions } from './model-file';

/** Rows of one run of the front part. */
const ROWS = 64;

/**
 * The dataset as the part of a model behind a value sees it: each sample is what the part before it makes of an image,
 * in a box from the smallest to the largest of these values.
 * @throws RampartError as `openCut`
 */
export async function samplesAt(params: OnnxFileParams, dataset: Dataset): Promise<InnerDataset> {
  if (companyOf(dataset.samples)) {
    throw new RampartError({
      code: 'usage',
      message: `${params.path} is attacked at its value "${params.attackAt}", behind which samples bring nothing along. Expected one class a sample, and other inputs held with --feed.`,
    });
  }
  const cut = await openCut(readModelFile(params.path), params.attackAt, prepareOptions(params, dataset));
  try {
    if (cut.places && parsePreprocess(params.preprocess).range === undefined) {
      throw new RampartError({
        code: 'usage',
        message: `${params.path} takes places in a table, such as tokens. Say which ones the dataset's smallest and largest value stand for: --preprocess "range=0..N", with the range that the dataset was read with.`,
      });
    }
    const split = async ({ images, labels }: LabelledImages) => {
      const features = images.data.length / Math.max(1, images.count);
      const parts: Float32Array[] = [];
      for (let start = 0; start < images.count; start += ROWS) {
        parts.push(await cut.values(images.data.subarray(start * features, (start + ROWS) * features)));
      }
      return { values: joined(parts), labels };
    };
    const [train, test] = [await split(dataset.train), await split(dataset.test)];
    const box = boxOf(params.attackAt, [train.values, test.values]);
    const labelled = ({ values, labels }: typeof train) => ({ images: imageBatch(values, cut.shape, box), labels });
    const { samples: _pixels, ...rest } = dataset;
    const note = `samples are the values at "${params.attackAt}" (${formatShape(cut.shape)}), which lie between ${short(box.min)} and ${short(box.max)}: epsilons and distances are of that space`;
    return {
      ...rest,
      shape: cut.shape,
      box,
      train: labelled(train),
      test: labelled(test),
      checksum: datasetChecksum(labelled(train), labelled(test)),
      note: dataset.note === undefined ? note : `${dataset.note}; ${note}`,
      from: { shape: dataset.shape, box: dataset.box },
    };
  } finally {
    await cut.dispose();
  }
}

function boxOf(name: string, splits: readonly Float32Array[]): Dataset['box'] {
  let [min, max] = [Infinity, -Infinity];
  for (const values of splits) {
    for (const value of values) {
      if (!Number.isFinite(value)) throw unfit(name, `${value} among them`);
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (!(min < max)) throw unfit(name, 'values that are all the same');
  return pixelBox(min, max);
}

function unfit(name: string, received: string): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `Expected finite numbers that differ at "${name}", to be attacked. Received ${received}.`,
  });
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
