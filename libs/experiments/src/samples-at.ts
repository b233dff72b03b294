import {
  type AccompaniedKind,
  accompaniedShape,
  clip,
  companionSize,
  companyOf,
  type Dataset,
  datasetChecksum,
  featureCount,
  formatShape,
  type ImageBatch,
  imageBatch,
  joined,
  type LabelledImages,
  pixelBox,
  type PixelBox,
  RampartError,
} from '@rampart/core';
import { type OpenedCut, openCut, parsePreprocess } from '@rampart/models';
import { readModelFile } from '@rampart/onnx';

import type { InnerDataset } from './inner-dataset';
import { type OnnxFileParams, prepareOptions } from './model-file';

/** Rows of one run of the front part. */
const ROWS = 64;

/**
 * The dataset as the part of a model behind a value sees it: each sample is what the part before it makes of an image,
 * in a box from the smallest to the largest of these values, with what the image brings along.
 * @throws RampartError as `openCut`
 */
export async function samplesAt(params: OnnxFileParams, dataset: Dataset): Promise<InnerDataset> {
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
    const company = companyOf(dataset.samples);
    const samples = company && withinCut(company, cut, box);
    const shape = samples ? accompaniedShape(samples) : cut.shape;
    const places = samples && placesOf(samples, company);
    const labelled = ({ values, labels }: typeof train, { images }: LabelledImages) => ({
      images: imageBatch(places ? besides(values, images, places, box) : values, shape, box),
      labels,
    });
    const parts = { train: labelled(train, dataset.train), test: labelled(test, dataset.test) };
    const { samples: _pixels, ...rest } = dataset;
    const note = `samples are the values at "${params.attackAt}" (${formatShape(cut.shape)}), which lie between ${short(box.min)} and ${short(box.max)}: epsilons and distances are of that space`;
    return {
      ...rest,
      ...(samples && { samples }),
      shape,
      box,
      ...parts,
      checksum: datasetChecksum(parts.train, parts.test),
      note: dataset.note === undefined ? note : `${dataset.note}; ${note}`,
      from: { shape: dataset.shape, box: dataset.box, samples: dataset.samples },
    };
  } finally {
    await cut.dispose();
  }
}

/**
 * What samples bring along for the part behind a value; undefined where that is nothing.
 * @throws RampartError `bad-data` where the value's box cannot hold their whole numbers
 */
function withinCut(
  { companions, labels }: AccompaniedKind,
  { shape, rear }: OpenedCut,
  box: PixelBox,
): AccompaniedKind | undefined {
  const needed = companions.filter((companion) => rear.graph.inputs.some(({ name }) => name === companion.name));
  if (needed.length + labels.length === 0) return undefined;
  const step = FLOAT32_STEP * Math.max(Math.abs(box.min), Math.abs(box.max));
  for (const { name, min, max, whole } of needed) {
    if (!whole || (step * (max - min)) / (box.max - box.min) < 0.25) continue;
    throw new RampartError({
      code: 'bad-data',
      message: `Expected whole numbers for "${name}" that are still told apart among values from ${short(box.min)} to ${short(box.max)}, in float32. Received numbers from ${min} to ${max}. Attack another value, or hold the input with --feed.`,
    });
  }
  return { kind: 'accompanied', shape, companions: needed, labels };
}

/** The spacing of float32 numbers below 2. */
const FLOAT32_STEP = 2 ** -23;

/** Where an image has what it brings along for the part behind a value. */
function placesOf(needed: AccompaniedKind, { shape, companions, labels }: AccompaniedKind): readonly number[] {
  let at = featureCount(shape);
  const next = (size: number) => Array.from({ length: size }, () => at++);
  const brought = companions.flatMap((companion) => {
    const own = next(companionSize(companion));
    return needed.companions.includes(companion) ? own : [];
  });
  return [...brought, ...next(labels.length)];
}

/** Rows of values, each with what its image has at some places, moved from the images' box to the values'. */
function besides(values: Float32Array, images: ImageBatch, places: readonly number[], box: PixelBox): Float32Array {
  const { count, data, box: before } = images;
  const whole = featureCount(images.shape);
  const size = values.length / Math.max(1, count);
  const scale = (box.max - box.min) / (before.max - before.min);
  const rows = new Float32Array(count * (size + places.length));
  for (let i = 0, at = 0; i < count; i++) {
    rows.set(values.subarray(i * size, (i + 1) * size), at);
    at += size;
    for (const k of places) rows[at++] = clip(box.min + (data[i * whole + k]! - before.min) * scale, box);
  }
  return rows;
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
