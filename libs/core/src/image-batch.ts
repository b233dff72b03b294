import { RampartError } from './error';
import type { PixelBox } from './pixel-box';

/**
 * The shape of one sample: of an image, or of anything else as planes of rows, so that it is kept as images are. Where it
 * is no image, `dims` are the sizes of its own axes, as many values in the same order.
 */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** [features] of a table's row, [channels, samples] of sound, [steps, features] of a sequence, [C, frames, H, W] of video. */
  readonly dims?: readonly number[];
}

/**
 * The shape of samples with these axes; three are an image's channels, height and width.
 * @throws RampartError `bad-data` when there is no axis, or one of no size
 */
export function sampleShape(dims: readonly number[]): ImageShape {
  if (dims.length === 0 || dims.some((size) => !(Number.isInteger(size) && size > 0))) {
    throw new RampartError({
      code: 'bad-data',
      message: `Expected samples of one axis or more, each of a positive size. Received the shape (${dims.join(', ')}).`,
    });
  }
  const [height, width] = [dims.at(-2) ?? 1, dims.at(-1)!];
  const channels = dims.slice(0, -2).reduce((product, size) => product * size, 1);
  return { channels, height, width, ...(dims.length !== 3 && { dims }) };
}

/** Whether samples are images: what has no plane of pixels has no picture and no place. */
export function isImage({ dims, height, width }: ImageShape): boolean {
  return dims === undefined && height > 1 && width > 1;
}

/** The sizes of a sample's own axes. */
export function sampleDims({ dims, channels, height, width }: ImageShape): readonly number[] {
  return dims ?? [channels, height, width];
}

/** Images as float32, row-major, NCHW, inside their box. */
export interface ImageBatch {
  readonly data: Float32Array;
  readonly count: number;
  readonly shape: ImageShape;
  readonly box: PixelBox;
}

/** Images with the index of each one's class. */
export interface LabelledImages {
  readonly images: ImageBatch;
  /** One class index an image. */
  readonly labels: Int32Array;
}

/** Features of one image: channels x height x width. */
export function featureCount(shape: ImageShape): number {
  return shape.channels * shape.height * shape.width;
}

/** `1x28x28`: channels, height, width; the sizes of its axes where it is no image. */
export function formatShape(shape: ImageShape): string {
  return sampleDims(shape).join('x');
}

/**
 * Wraps an array as a batch.
 * @throws RampartError `bad-data` when the array's length is no whole number of images.
 */
export function imageBatch(data: Float32Array, shape: ImageShape, box: PixelBox): ImageBatch {
  const size = featureCount(shape);
  if (data.length % size !== 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `Samples of shape ${formatShape(shape)} have ${size} values each. Received ${data.length} values, which is no whole number of them.`,
    });
  }
  return { data, count: data.length / size, shape, box };
}

/** The images from `start` up to, not including, `end`, as a view on the same memory. */
export function sliceBatch(batch: ImageBatch, start: number, end: number): ImageBatch {
  const size = featureCount(batch.shape);
  return { ...batch, data: batch.data.subarray(start * size, end * size), count: end - start };
}

/**
 * A copy of the images at the given indices, in their order.
 * @param data where they are copied to: new memory where nothing is said
 * @throws RampartError `usage` when there is no image of an index
 */
export function takeImages(
  batch: ImageBatch,
  indices: ArrayLike<number>,
  data: Float32Array = new Float32Array(indices.length * featureCount(batch.shape)),
): ImageBatch {
  const size = featureCount(batch.shape);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!(index >= 0 && index < batch.count)) {
      throw new RampartError({
        code: 'usage',
        message: `Expected indices of ${batch.count} images. Received ${index}.`,
      });
    }
    const from = index * size;
    data.set(batch.data.subarray(from, from + size), i * size);
  }
  return { ...batch, data, count: indices.length };
}

/** The images and labels at the given indices. */
export function takeLabelled(data: LabelledImages, indices: ArrayLike<number>): LabelledImages {
  return {
    images: takeImages(data.images, indices),
    labels: Int32Array.from(indices, (index) => data.labels[index]!),
  };
}

/**
 * Several batches of one shape and box as one.
 * @throws RampartError `bad-data` when shapes or boxes differ
 */
export function concatLabelled(parts: readonly LabelledImages[]): LabelledImages {
  const first = parts[0];
  if (!first) throw new RampartError({ code: 'usage', message: 'concatLabelled needs at least one batch.' });
  const count = parts.reduce((sum, part) => sum + part.images.count, 0);
  const data = new Float32Array(count * featureCount(first.images.shape));
  const labels = new Int32Array(count);
  let offset = 0;
  for (const part of parts) {
    const [wanted, given] = [describeBatch(first.images), describeBatch(part.images)];
    if (given !== wanted) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected every batch to have ${wanted}. Received ${given}.`,
      });
    }
    data.set(part.images.data, offset * featureCount(first.images.shape));
    labels.set(part.labels, offset);
    offset += part.images.count;
  }
  return { images: { ...first.images, data, count }, labels };
}

function describeBatch({ shape, box }: ImageBatch): string {
  return `images of ${formatShape(shape)} in [${box.min}, ${box.max}]`;
}
