import { featureCount, type ImageShape, imageBatch, type ModelView, type PixelBox, pixelBox } from '@rampart/core';
import type { Model } from '@rampart/onnx';

import { BatchedSession } from '../classifier/batched-session';
import { type DifferentiableOnnxClassifier, sessionOptions } from '../classifier/open-classifier';
import { openView, prepareView, type ViewOptions } from '../classifier/open-view';
import type { PreparedModel } from '../classifier/prepare';
import { findFront } from './find-front';

/**
 * The part of a model that works feature by feature, and the rest of it. As each value behind the front depends on one
 * feature alone, a table of it can be looked up backwards: an attack behind the front is one on the whole model, whatever
 * the front does to the gradient (Athalye et al. 2018, section 4.1, take the same way around differentiable
 * approximations).
 */
export interface Front {
  /** The rest: its images are the values behind the front, in the order of the features. */
  readonly rear: DifferentiableOnnxClassifier;
  /** Of the images in front of it. */
  readonly shape: ImageShape;
  readonly box: PixelBox;
  /** Values that a feature may have, from one end of the box to the other, every 8-bit one among them. */
  readonly levels: Float32Array;
  /** What the front makes of every level: [columns, levels]. Features that are treated alike share a column. */
  readonly table: Float32Array;
  /** The column of every feature. */
  readonly columns: Int32Array;
  /** What the front makes of images: [count, features] to [count, features]. */
  forward(images: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Sixteen levels from one 8-bit value to the next. */
export const LEVELS = 255 * 16 + 1;

/** Values that differ by less than this part of their size are the same: vector units and scalar ones round apart. */
const SAME = 1e-6;

/** A front that strays less than this part of its range from a straight line hides nothing. */
const STRAIGHT = 1e-4;

/**
 * Opens the front of a model.
 * @param options.images see `openView`: needed where the view asks for inner logits
 * @returns undefined where the model has none, or only an affine one, or no such view
 * @throws RampartError `bad-model` when it is no classifier of images
 */
export async function openFront(
  file: Uint8Array | Model,
  options: ViewOptions & { readonly view?: Pick<ModelView, 'logits' | 'backward' | 'feed'> } = {},
): Promise<Front | undefined> {
  const { view = {}, ...rest } = options;
  const prepared = await prepareView(file, view, rest);
  const cut = prepared && findFront(prepared);
  if (!cut) return undefined;
  const session = await BatchedSession.open(cut.front, sessionOptions(prepared, rest));
  const forward = (images: Float32Array) => run(session, prepared, images);
  const sampled = await sample(prepared, forward);
  const straight = columnsOf(sampled.table).every(isStraight);
  const { shape, box } = prepared;
  const rear = straight
    ? undefined
    : await openView(cut.rear, view.backward ? { backward: view.backward } : {}, {
        ...runOptions(rest),
        shape,
        box: around(sampled.table),
        output: prepared.logits,
        preprocess: { layout: prepared.layout },
      });
  if (!rear) {
    await session.dispose();
    return undefined;
  }
  const dispose = async () => {
    await session.dispose();
    await rear.dispose();
  };
  return { rear, shape, box, ...sampled, forward, dispose };
}

function runOptions({ threads, batchSize }: ViewOptions): ViewOptions {
  return { ...(threads !== undefined && { threads }), ...(batchSize !== undefined && { batchSize }) };
}

/** What the front makes of images, in the order of their features. */
async function run(session: BatchedSession, { input, shape, box, layout }: PreparedModel, images: Float32Array) {
  const { count } = imageBatch(images, shape, box);
  const { channels, height, width } = shape;
  const feed = { type: 'float32', data: images, dims: [channels, height, width] } as const;
  const [values] = await session.run({ [input]: feed }, count);
  return layout === 'nchw' ? values! : channelsFirst(values!, shape);
}

function channelsFirst(values: Float32Array, { channels, height, width }: ImageShape): Float32Array {
  const result = new Float32Array(values.length);
  const pixels = height * width;
  for (let at = 0; at < values.length; at++) {
    const image = Math.floor(at / (pixels * channels));
    const [pixel, channel] = [Math.floor(at / channels) % pixels, at % channels];
    result[(image * channels + channel) * pixels + pixel] = values[at]!;
  }
  return result;
}

/** What the front makes of every level, for each group of features that it treats alike. */
async function sample(
  { shape, box }: PreparedModel,
  forward: Front['forward'],
): Promise<Pick<Front, 'levels' | 'table' | 'columns'>> {
  const features = featureCount(shape);
  const levels = Float32Array.from({ length: LEVELS }, (_, k) => box.min + ((box.max - box.min) * k) / (LEVELS - 1));
  const rows = async function* () {
    const size = Math.max(1, Math.min(64, Math.floor(2 ** 22 / features)));
    for (let start = 0; start < LEVELS; start += size) {
      const part = levels.subarray(start, start + size);
      const images = new Float32Array(part.length * features);
      part.forEach((level, i) => images.fill(level, i * features, (i + 1) * features));
      const values = await forward(images);
      for (let i = 0; i < part.length; i++) {
        yield { level: start + i, values: values.subarray(i * features, (i + 1) * features) };
      }
    }
  };
  const groups = new Groups(features);
  for await (const { values } of rows()) groups.part(values);
  const table = new Float32Array(groups.first.length * LEVELS);
  for await (const { level, values } of rows()) {
    groups.first.forEach((feature, column) => (table[column * LEVELS + level] = values[feature]!));
  }
  return { levels, table, columns: groups.of };
}

/** Features that have had the same values so far. */
class Groups {
  /** The group of every feature. */
  readonly of: Int32Array;
  /** The first feature of every group. */
  readonly first: number[] = [0];

  constructor(features: number) {
    this.of = new Int32Array(features);
  }

  /** Parts the groups whose features differ. */
  part(values: Float32Array): void {
    const parts = new Map<string, number>();
    for (let k = 0; k < values.length; k++) {
      const [value, common] = [values[k]!, values[this.first[this.of[k]!]!]!];
      if (value === common || Math.abs(value - common) <= SAME * (1 + Math.abs(common))) continue;
      const key = `${this.of[k]}:${value}`;
      let group = parts.get(key);
      if (group === undefined) {
        group = this.first.push(k) - 1;
        parts.set(key, group);
      }
      this.of[k] = group;
    }
  }
}

function columnsOf(table: Float32Array): readonly Float32Array[] {
  return Array.from({ length: table.length / LEVELS }, (_, i) => table.subarray(i * LEVELS, (i + 1) * LEVELS));
}

function isStraight(values: Float32Array): boolean {
  const [start, end] = [values[0]!, values[LEVELS - 1]!];
  const range = Math.max(...extent(values).map((bound) => Math.abs(bound - start)));
  return values.every((value, k) => Math.abs(value - start - ((end - start) * k) / (LEVELS - 1)) <= STRAIGHT * range);
}

function extent(values: Float32Array): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}

/** A box that leaves room for what lies between two levels. */
function around(table: Float32Array): PixelBox {
  const [low, high] = extent(table);
  const room = (high - low) / 10 + Number.EPSILON;
  return pixelBox(low - room, high + room);
}
