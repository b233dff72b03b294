import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { Rng } from '@rampart/core';
import { describeDataset } from '@rampart/testing';

import { fashionMnist } from './fashion-mnist';
import { datasets } from './registry';

const dataDir = mkdtempSync(join(tmpdir(), 'fashion-'));

/** The layout of the dataset in small: gzipped IDX files of random images, in a subfolder of the data folder. */
function write(split: string, count: number): void {
  const folder = join(dataDir, 'fashion-mnist');
  mkdirSync(folder, { recursive: true });
  const rng = Rng.root(split);
  const pixels = Array.from({ length: count * 784 }, () => rng.integer(256));
  const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28, ...pixels);
  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, count, ...Array.from({ length: count }, (_, i) => i % 10));
  writeFileSync(join(folder, `${split}-images-idx3-ubyte.gz`), gzipSync(images));
  writeFileSync(join(folder, `${split}-labels-idx1-ubyte.gz`), gzipSync(labels));
}

write('train', 40);
write('t10k', 20);
afterAll(() => rmSync(dataDir, { recursive: true }));

describeDataset(fashionMnist, { dataDir });
describeDataset(fashionMnist, { dataDir, params: { classes: 'all' } });

describe('fashion-mnist', () => {
  it('knows its classes by name', async () => {
    const { definition, params, label } = datasets.resolve({ name: 'fashion-mnist', params: { classes: ['bag', 9] } });
    expect(label).toBe('fashion-mnist(classes=[bag, ankle-boot])');
    const { train, classes } = await definition.load(params, { dataDir });
    expect(classes).toEqual(['bag', 'ankle-boot']);
    expect(train.labels).toEqual(Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1));
  });

  it('says what it needs when there is no data folder', async () => {
    await expect(fashionMnist.load(fashionMnist.params.parse({}), {})).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/Pass --data-dir with the four files train-images-idx3-ubyte.gz/),
    });
  });
});
