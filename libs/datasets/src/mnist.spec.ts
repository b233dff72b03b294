import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { parseComponent } from '@rampart/core';
import { describeDataset } from '@rampart/testing';

import { mnist } from './mnist';
import { datasets } from './registry';

const load = (text: string, dataDir?: string) => {
  const { definition, params } = datasets.resolve(parseComponent(text));
  return definition.load(params, dataDir === undefined ? {} : { dataDir });
};

describeDataset(mnist);

describe('mnist', () => {
  it('has as many images of 4 and 7 as the database', async () => {
    const { train, test, classes, malicious, shape } = await load('mnist');
    const count = (labels: Int32Array, label: number) => labels.filter((value) => value === label).length;
    expect({ classes, malicious, shape }).toEqual({
      classes: ['4', '7'],
      malicious: 0,
      shape: { channels: 1, height: 28, width: 28 },
    });
    expect([count(train.labels, 0), count(train.labels, 1)]).toEqual([5842, 6265]);
    expect([count(test.labels, 0), count(test.labels, 1)]).toEqual([982, 1028]);
  });

  it('has all ten classes on request, and attacks each of them', async () => {
    const { test, classes, malicious } = await load('mnist(classes=all, trainLimit=100)');
    expect(classes).toHaveLength(10);
    expect(malicious).toBeUndefined();
    // The first labels of the test set, as published.
    expect([...test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  it('refuses a class that does not exist, before anything is read', () => {
    expect(() => datasets.resolve(parseComponent('mnist(classes=[4, 11])'))).toThrow(
      'dataset "mnist", parameter "classes": there is no class 11; known: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9. Received: [4,11].',
    );
  });

  describe('with a data folder', () => {
    let folder: string;
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'mnist-'))));
    afterEach(() => rm(folder, { recursive: true }));

    const images = (count: number, height = 2) =>
      Uint8Array.of(
        0,
        0,
        8,
        3,
        0,
        0,
        0,
        count,
        0,
        0,
        0,
        height,
        0,
        0,
        0,
        2,
        ...Array.from({ length: count * height * 2 }, (_, k) => k * 3),
      );
    const labels = (...of: number[]) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, of.length, ...of);
    const write = async (files: Readonly<Record<string, Uint8Array>>) => {
      const defaults = {
        'train-images-idx3-ubyte': images(4),
        'train-labels-idx1-ubyte': labels(4, 7, 1, 4),
        't10k-images-idx3-ubyte': images(2),
        't10k-labels-idx1-ubyte': labels(7, 4),
      };
      for (const [name, bytes] of Object.entries({ ...defaults, ...files })) {
        if (bytes.length > 0) await writeFile(join(folder, name), bytes);
      }
    };
    const none = new Uint8Array(0);

    it('reads its IDX files', async () => {
      await write({});
      const { shape, train, test } = await load('mnist', folder);
      expect(shape).toEqual({ channels: 1, height: 2, width: 2 });
      expect(train.labels).toEqual(Int32Array.of(0, 1, 0));
      expect(test.labels).toEqual(Int32Array.of(1, 0));
      expect(train.images.data[8]).toBeCloseTo((12 * 3) / 255 - 0.5, 6);
    });

    it('reads gzipped files and names with a dot', async () => {
      await write({
        'train-images-idx3-ubyte': none,
        'train-images.idx3-ubyte.gz': gzipSync(images(4)),
        't10k-labels-idx1-ubyte': none,
        't10k-labels.idx1-ubyte': labels(7, 4),
      });
      expect((await load('mnist', folder)).checksum).toMatch(/^[0-9a-f]{64}$/);
    });

    it.each([
      ['something else', ['notes.txt']],
      ['CIFAR-10, so that one folder serves experiments on both', ['train.bin', 'test.bin', 'data_batch_1.bin']],
    ])('falls back to the package when the folder is about %s', async (_what, names) => {
      for (const name of names) await writeFile(join(folder, name), 'nothing');
      expect((await load('mnist', folder)).test.images.count).toBe(2010);
    });

    it('finds its files in a subfolder of its name beside those of another dataset', async () => {
      await mkdir(join(folder, 'mnist'));
      await writeFile(join(folder, 'train.bin'), 'nothing');
      const root = folder;
      folder = join(root, 'mnist');
      await write({});
      folder = root;
      expect((await load('mnist', root)).test.images.count).toBe(2);
    });

    it.each([
      [
        'a file that is missing',
        { 'train-labels-idx1-ubyte': none },
        /has no train-labels-idx1-ubyte .* Expected all four/,
      ],
      [
        'labels and images of different counts',
        { 'train-labels-idx1-ubyte': labels(4, 7) },
        /train-labels-idx1-ubyte: expected 4 labels, one for each image of .*train-images-idx3-ubyte. Received 2/,
      ],
      [
        'a label above 9',
        { 't10k-labels-idx1-ubyte': labels(7, 10) },
        /t10k-labels-idx1-ubyte: expected labels from 0 to 9. Received 10 for image 1/,
      ],
      [
        'a truncated file',
        { 't10k-images-idx3-ubyte': images(2).subarray(0, 20) },
        /t10k-images-idx3-ubyte: expected 24 bytes.* Received 20 bytes: the file is cut short/,
      ],
      [
        'test images of another size',
        { 't10k-images-idx3-ubyte': images(2, 3) },
        /expected test images of 2 x 2, as the training images are. Received 3 x 2/,
      ],
    ])('refuses %s', async (_what, files, message) => {
      await write(files);
      await expect(load('mnist', folder)).rejects.toMatchObject({
        code: 'bad-data',
        message: expect.stringMatching(message),
      });
    });

    it('refuses a folder that is not there', async () => {
      await expect(load('mnist', join(folder, 'nowhere'))).rejects.toMatchObject({
        code: 'missing',
        message: expect.stringMatching(/The data folder ".*nowhere" cannot be read/),
      });
    });
  });
});
