import { type ImageShape, pixelBox, sampleShape } from '@rampart/core';
import type { ValueInfo } from '@rampart/onnx';

import { formatPreprocess, imageShapeOf, layoutOf, parsePreprocess, preprocessGraph } from './preprocess';

const input = (...dims: (number | string | undefined)[]): ValueInfo => ({ name: 'x', type: 'float32', dims });

describe('parsePreprocess', () => {
  it('reads every part', () => {
    expect(parsePreprocess('range=0..255  mean=1,2.5,-3 std=0.5 order=bgr layout=nhwc')).toEqual({
      range: { min: 0, max: 255 },
      mean: [1, 2.5, -3],
      std: [0.5],
      order: 'bgr',
      layout: 'nhwc',
    });
    expect(parsePreprocess('')).toEqual({});
    expect(parsePreprocess('range=-1..1')).toEqual({ range: { min: -1, max: 1 } });
    const whole = 'range=0..255 mean=1,2.5,-3 std=0.5 order=bgr layout=nhwc';
    expect(formatPreprocess(parsePreprocess(whole))).toBe(whole);
  });

  it.each([
    'auto',
    'range=0',
    'range=1..0',
    'range=..1',
    'mean=a',
    'mean=1,,2',
    'std=0',
    'layout=chw',
    'scale=2',
    'mean',
  ])('refuses "%s"', (text) => {
    expect(() => parsePreprocess(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('the shape of images', () => {
  const colour: ImageShape = { channels: 3, height: 32, width: 30 };

  it.each([
    ['images of known size', input('n', 3, 32, 30), 'nchw', undefined, colour],
    ['channels last', input(undefined, 32, 30, 3), 'nhwc', undefined, colour],
    ['free sizes, beside images of known size', input('n', 3, 'h', 'w'), 'nchw', colour, colour],
    [
      'grey images without an axis for channels',
      input(1, 28, 27),
      'nchw',
      undefined,
      { channels: 1, height: 28, width: 27 },
    ],
    ['flat images, beside images of known size', input('n', 3 * 32 * 30), 'nchw', colour, colour],
    ['sound on one axis', input('n', 't'), 'nchw', sampleShape([1, 400]), sampleShape([1, 400])],
    ['sound on two axes', input('n', 1, 't'), 'nchw', sampleShape([400]), sampleShape([400])],
    ['sound with its channel last', input('n', 400, 1), 'nchw', sampleShape([1, 400]), sampleShape([1, 400])],
    ['a table as rows of rows', input('n', 3, 4), 'nchw', sampleShape([12]), sampleShape([12])],
    ['video', input('n', 3, 2, 8, 8), 'nchw', sampleShape([3, 2, 8, 8]), sampleShape([3, 2, 8, 8])],
    ['video of known size', input('n', 3, 2, 8, 8), 'nchw', undefined, sampleShape([3, 2, 8, 8])],
    ['table rows', input('n', 12), 'nchw', undefined, { channels: 1, height: 1, width: 12 }],
  ] as const)('is found for %s', (_what, info, layout, given, expected) => {
    expect(imageShapeOf(info, layout, given)).toEqual(expected);
  });

  it.each([
    ['free sizes', input('n', 3, 'h', 'w'), undefined],
    ['other channels', input('n', 1, 32, 30), colour],
    ['sound of another length', input('n', 1, 16_000), sampleShape([1, 400])],
    ['another number of features', input('n', 784), colour],
    ['too many axes', input('n', 1, 3, 32, 30), colour],
    ['an unknown rank', { name: 'x', type: 'float32', dims: undefined } as const, colour],
  ])('is refused for %s', (_what, info, given) => {
    expect(() => imageShapeOf(info, 'nchw', given)).toThrow(expect.objectContaining({ code: 'bad-model' }));
  });

  it.each([
    [
      'a row',
      input('n', 'length'),
      'samples of known size. Received an input of shape [n, length]. Say what one sample is: --shape 512.',
    ],
    [
      'channels',
      input('n', 100, 't'),
      'samples of known size. Received an input of shape [n, 100, t]. Say what one sample is: --shape 100x512.',
    ],
    [
      'an image',
      input('n', 3, 48, 'w'),
      'images of known size. Received an input of shape [n, 3, 48, w], read as nchw. Say what one image is: --shape 3x48x224.',
    ],
  ])('is asked for in the way that the file takes it: %s', (_what, info, asked) => {
    expect(() => imageShapeOf(info, 'nchw', undefined)).toThrow(`is a batch of ${asked}`);
  });

  it('shows the layout where it can', () => {
    expect(layoutOf(input('n', 32, 32, 3), {})).toBe('nhwc');
    expect(layoutOf(input('n', 3, 32, 32), {})).toBe('nchw');
    expect(layoutOf(input('n', 3, 32, 3), {})).toBe('nchw');
    expect(layoutOf(input('n', 32, 32, 3), { layout: 'nchw' })).toBe('nchw');
    expect(layoutOf(input('n', 4, 5, 3), {}, { channels: 3, height: 4, width: 5 })).toBe('nhwc');
    expect(layoutOf(input('n', 4, 5, 3), {}, { channels: 4, height: 5, width: 3 })).toBe('nchw');
    expect(layoutOf(input('n', 'h', 'w', 3), {}, colour)).toBe('nhwc');
  });
});

it('adds no nodes where nothing is to be done', () => {
  const context = {
    preprocess: { range: pixelBox(-0.5, 0.5) },
    shape: { channels: 1, height: 4, width: 4 },
    box: pixelBox(-0.5, 0.5),
    layout: 'nchw',
  } as const;
  expect(preprocessGraph(input('n', 1, 4, 4), context)).toBeUndefined();
});

it('refuses a mean for other channels than the images have', () => {
  const context = {
    preprocess: { mean: [1, 2, 3] },
    shape: { channels: 1, height: 4, width: 4 },
    box: pixelBox(0, 1),
    layout: 'nchw',
  } as const;
  expect(() => preprocessGraph(input('n', 1, 4, 4), context)).toThrow(/one for each of 1 channels\. Received 3/);
});
