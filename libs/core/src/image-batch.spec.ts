import {
  concatLabelled,
  featureCount,
  formatShape,
  imageBatch,
  isImage,
  type LabelledImages,
  sampleDims,
  sampleShape,
  sliceBatch,
  takeImages,
  takeLabelled,
} from './image-batch';
import { pixelBox, PUBLICATION_BOX } from './pixel-box';

const SHAPE = { channels: 1, height: 1, width: 2 };
const batch = imageBatch(Float32Array.of(0, 1, 2, 3, 4, 5), SHAPE, pixelBox(0, 5));
const labelled = (values: readonly number[], labels: readonly number[], box = PUBLICATION_BOX): LabelledImages => ({
  images: imageBatch(Float32Array.from(values), SHAPE, box),
  labels: Int32Array.from(labels),
});

describe('imageBatch', () => {
  it('counts its images', () => {
    expect(batch.count).toBe(3);
    expect(featureCount({ channels: 3, height: 32, width: 32 })).toBe(3072);
    expect(formatShape({ channels: 3, height: 32, width: 16 })).toBe('3x32x16');
  });

  it('keeps samples of any shape, and knows which are images', () => {
    for (const dims of [[30], [1, 16000], [20, 4], [3, 5, 8, 8]]) {
      const shape = sampleShape(dims);
      expect(sampleDims(shape)).toEqual(dims);
      expect(featureCount(shape)).toBe(dims.reduce((a, b) => a * b));
      expect(formatShape(shape)).toBe(dims.join('x'));
      expect(isImage(shape)).toBe(false);
    }
    expect(sampleShape([3, 8, 4])).toEqual({ channels: 3, height: 8, width: 4 });
    expect(isImage({ channels: 3, height: 8, width: 4 })).toBe(true);
    expect(isImage({ channels: 1, height: 1, width: 64 })).toBe(false);
    expect(() => sampleShape([3, 0])).toThrow('Received the shape (3, 0)');
  });

  it('refuses what is no whole number of images', () => {
    expect(() => imageBatch(new Float32Array(5), SHAPE, PUBLICATION_BOX)).toThrow(
      'Samples of shape 1x1x2 have 2 values each. Received 5 values, which is no whole number of them.',
    );
  });
});

it('sliceBatch is a view, takeImages a copy', () => {
  const view = sliceBatch(batch, 1, 3);
  expect(view.data).toEqual(Float32Array.of(2, 3, 4, 5));
  expect(view.data.buffer).toBe(batch.data.buffer);
  const taken = takeImages(batch, [2, 0, 2]);
  expect(taken.data).toEqual(Float32Array.of(4, 5, 0, 1, 4, 5));
  expect(taken).toMatchObject({ count: 3, shape: SHAPE, box: { min: 0, max: 5 } });
  taken.data[0] = 9;
  expect(batch.data[4]).toBe(4);
});

it.each([3, -1, NaN])('takeImages refuses the index %d', (index) => {
  expect(() => takeImages(batch, [0, index])).toThrow(`Expected indices of 3 images. Received ${index}.`);
});

it('takeLabelled keeps labels with their images', () => {
  const { images, labels } = takeLabelled(labelled([0, 0.1, 0.2, 0.3], [7, 4]), [1, 0]);
  expect(images.data).toEqual(Float32Array.of(0.2, 0.3, 0, 0.1));
  expect(labels).toEqual(Int32Array.of(4, 7));
});

describe('concatLabelled', () => {
  it('joins batches in their order', () => {
    const { images, labels } = concatLabelled([labelled([0, 0.1], [1]), labelled([], []), labelled([0.2, 0.3], [0])]);
    expect(images.data).toEqual(Float32Array.of(0, 0.1, 0.2, 0.3));
    expect(images.count).toBe(2);
    expect(labels).toEqual(Int32Array.of(1, 0));
  });

  it('refuses nothing at all, and batches in different units', () => {
    expect(() => concatLabelled([])).toThrow('needs at least one batch');
    expect(() => concatLabelled([labelled([0, 0], [0]), labelled([0, 0], [0], pixelBox(0, 1))])).toThrow(
      'Expected every batch to have images of 1x1x2 in [-0.5, 0.5]. Received images of 1x1x2 in [0, 1].',
    );
  });
});
