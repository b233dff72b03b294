import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseComponent, Registry, Rng } from '@rampart/core';
import { describeDataset } from '@rampart/testing';

import { npyFolder } from './npy-folder';

const root = mkdtempSync(join(tmpdir(), 'npy-'));
afterAll(() => rmSync(root, { recursive: true }));

function npy(type: string, shape: readonly number[], data: ArrayBufferView): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

const bytes = (name: string, length: number): Uint8Array => {
  const rng = Rng.root(name);
  return Uint8Array.from({ length }, () => rng.integer(256));
};
const turns = (count: number, classes: number) => BigInt64Array.from({ length: count }, (_, i) => BigInt(i % classes));

function folder(name: string, files: Readonly<Record<string, Uint8Array>>): string {
  const defaults = {
    'train-images.npy': npy('|u1', [12, 6, 5, 3], bytes('train', 12 * 90)),
    'train-labels.npy': npy('<i8', [12], turns(12, 3)),
    'test-images.npy': npy('|u1', [6, 6, 5, 3], bytes('test', 6 * 90)),
    'test-labels.npy': npy('<i8', [6], turns(6, 3)),
  };
  const path = join(root, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries({ ...defaults, ...files })) writeFileSync(join(path, file), content);
  return path;
}

const load = (dataDir: string, text = 'npy-folder') => {
  const { definition, params } = new Registry('dataset', [npyFolder]).resolve(parseComponent(text));
  return definition.load(params, { dataDir });
};

const plain = folder('plain', {});
describeDataset(npyFolder, { dataDir: plain });
describeDataset(npyFolder, { dataDir: plain, params: { names: ['red', 'green', 'blue'], classes: ['blue', 'red'] } });

describe('npy-folder', () => {
  it('turns NHWC into NCHW', async () => {
    const { shape, train, classes, malicious } = await load(plain);
    expect({ shape, classes, malicious }).toEqual({
      shape: { channels: 3, height: 6, width: 5 },
      classes: ['0', '1', '2'],
      malicious: undefined,
    });
    const source = bytes('train', 12 * 90);
    const [image, channel, row, column] = [7, 2, 3, 1];
    expect(train.images.data[image * 90 + channel * 30 + row * 5 + column]).toBe(
      Math.fround(source[image * 90 + (row * 5 + column) * 3 + channel]! / 255 - 0.5),
    );
  });

  it('takes NCHW, grey images and another range as they are', async () => {
    const grey = folder('grey', {
      'train-images.npy': npy('<f4', [3, 1, 2], Float32Array.of(-1, 1, 0, 0.5, -0.5, 1)),
      'train-labels.npy': npy('|u1', [3], Uint8Array.of(0, 1, 1)),
      'test-images.npy': npy('<f4', [2, 1, 2], Float32Array.of(1, 0, -1, -1)),
      'test-labels.npy': npy('|u1', [2], Uint8Array.of(1, 0)),
    });
    const { shape, train } = await load(grey, 'npy-folder(range=[-1, 1])');
    expect(shape).toEqual({ channels: 1, height: 1, width: 2 });
    expect(train.images.data).toEqual(Float32Array.of(-0.5, 0.5, 0, 0.25, -0.25, 0.5));
    await expect(load(grey)).rejects.toMatchObject({
      message: expect.stringContaining('expected values from 0 to 1. Received -1 in sample 0; set range=[low, high]'),
    });
  });

  it('knows classes by the names that it is given', async () => {
    const { classes, test, malicious } = await load(plain, 'npy-folder(names=[red, green, blue], classes=[blue, red])');
    expect({ classes, malicious }).toEqual({ classes: ['red', 'blue'], malicious: 1 });
    expect(test.labels).toEqual(Int32Array.of(0, 1, 0, 1));
  });

  const images = (shape: readonly number[], type = '|u1') =>
    npy(type, shape, new Uint8Array(shape.reduce((a, b) => a * b, 1)));
  it.each([
    [
      'labels and images of different counts',
      { 'train-labels.npy': npy('<i8', [5], turns(5, 3)) },
      'npy-folder',
      /train-labels.npy: expected 12 labels, one a sample. Received 5/,
    ],
    [
      'a label below 0',
      { 'test-labels.npy': npy('|i1', [6], Int8Array.of(0, 1, 2, -1, 0, 0)) },
      'npy-folder',
      /test-labels.npy: expected whole labels from 0 on. Received -1 for sample 3/,
    ],
    [
      'a label without a name',
      {},
      'npy-folder(names=[red, green])',
      /train-labels.npy: expected whole labels from 0 to 1. Received 2 for sample 2/,
    ],
    [
      'images of one axis',
      { 'train-images.npy': images([12]) },
      'npy-folder',
      /expected samples as an array of 2 axes .* Received the shape \(12\)/,
    ],
    [
      'axes that may be either',
      { 'train-images.npy': images([12, 3, 5, 3]) },
      'npy-folder',
      /say which it is with layout=nchw or layout=nhwc/,
    ],
    [
      'test images of another shape',
      { 'test-images.npy': images([6, 5, 5, 3]) },
      'npy-folder',
      /expected samples of 3x6x5, as the training data are. Received 3x5x5/,
    ],
    [
      'a file that is cut short',
      { 'test-images.npy': images([6, 6, 5, 3]).subarray(0, 300) },
      'npy-folder',
      /test-images.npy: The .npy file of shape .* is cut short/,
    ],
  ])('refuses %s', async (what, files, text, message) => {
    await expect(load(folder(what, files as Record<string, Uint8Array>), text)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(message),
    });
  });

  it('needs no training data, nor a sample of every class', async () => {
    const tested = folder('tested', { 'test-labels.npy': npy('<i8', [6], BigInt64Array.of(5n, 9n, 5n, 12n, 9n, 5n)) });
    for (const file of ['train-images.npy', 'train-labels.npy']) rmSync(join(tested, file));
    const { train, test, classes, own, malicious, note } = await load(tested);
    expect({ count: train.images.count, classes, malicious, note }).toEqual({
      count: 0,
      classes: ['5', '9', '12'],
      malicious: undefined,
      note: undefined,
    });
    expect([...test.labels]).toEqual([0, 1, 0, 2, 1, 0]);
    expect(own!.labels).toEqual([5, 9, 12]);
    const chosen = await load(tested, 'npy-folder(classes=[5, 9, 12])');
    expect(chosen.malicious).toBeUndefined();
    writeFileSync(join(tested, 'train-images.npy'), images([2, 6, 5, 3]));
    await expect(load(tested)).rejects.toThrow('a folder without train-labels.npy');
  });

  it('takes rows of features and video as they are', async () => {
    const rows = folder('rows', {
      'train-images.npy': npy('<f4', [2, 3], Float32Array.of(0, 0.5, 1, 1, 0, 0.25)),
      'train-labels.npy': npy('|u1', [2], Uint8Array.of(0, 1)),
      'test-images.npy': npy('<f4', [1, 3], Float32Array.of(0.75, 1, 0)),
      'test-labels.npy': npy('|u1', [1, 1], Uint8Array.of(1)),
    });
    const { shape, test } = await load(rows);
    expect(shape).toEqual({ channels: 1, height: 1, width: 3, dims: [3] });
    expect(test.images.data).toEqual(Float32Array.of(0.25, 0.5, -0.5));
    const video = folder('video', {
      'train-images.npy': images([12, 3, 2, 4, 5]),
      'test-images.npy': images([6, 3, 2, 4, 5]),
    });
    expect((await load(video)).shape).toEqual({ channels: 6, height: 4, width: 5, dims: [3, 2, 4, 5] });
  });

  it('refuses a label that no model has a column for, at once', async () => {
    const labels = npy('<i8', [6], BigInt64Array.of(83_886_080n, 0n, 1n, 0n, 1n, 0n));
    await expect(load(folder('damaged-label', { 'test-labels.npy': labels }))).rejects.toThrow(/the label 83886080/);
  });

  it('refuses a class that does not exist and a folder without its files', async () => {
    await expect(load(plain, 'npy-folder(classes=[0, 5])')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('there is no class 5; known: 0, 1, 2'),
    });
    const bare = join(root, 'bare');
    mkdirSync(bare);
    await expect(load(bare)).rejects.toMatchObject({
      message: expect.stringContaining('without test-images.npy, test-labels.npy'),
    });
    await expect(npyFolder.load(npyFolder.params.parse({}), {})).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('pass --data-dir'),
    });
  });
});
