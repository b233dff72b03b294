import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { encodeNpy, parseComponent, Registry, Rng } from '@rampart/core';
import { describeDataset } from '@rampart/testing';
import { zipSync } from 'fflate';

import { mutants, readAll } from './damaged.kit';
import { npz } from './npz';
import { readNpz } from './npz-arrays';

const root = mkdtempSync(join(tmpdir(), 'npz-'));
afterAll(() => rmSync(root, { recursive: true }));

const bytes = (name: string, length: number): Uint8Array => {
  const rng = Rng.root(name);
  return Uint8Array.from({ length }, () => rng.integer(256));
};
const turns = (count: number) => BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 3));

const arrays = {
  'x_train.npy': encodeNpy(bytes('train', 12 * 30), [12, 6, 5]),
  'y_train.npy': encodeNpy(turns(12), [12, 1]),
  'x_test.npy': encodeNpy(bytes('test', 6 * 30), [6, 6, 5]),
  'y_test.npy': encodeNpy(turns(6), [6]),
};

function folder(name: string, files: Readonly<Record<string, Uint8Array>>, level: 0 | 6 = 6): string {
  const path = join(root, name);
  mkdirSync(path);
  writeFileSync(join(path, 'data.npz'), zipSync(files, { level }));
  return path;
}

const load = (dataDir: string, text = 'npz') => {
  const { definition, params } = new Registry('dataset', [npz]).resolve(parseComponent(text));
  return definition.load(params, { dataDir });
};

const plain = folder('plain', arrays);
describeDataset(npz, { dataDir: plain });
describeDataset(npz, {
  dataDir: folder('with inputs', {
    'x.npy': encodeNpy(bytes('x', 3 * 4), [3, 2, 2]),
    'y.npy': encodeNpy(Uint8Array.of(1, 0, 0, 1, 1, 1), [3, 2]),
    'length.npy': encodeNpy(BigInt64Array.of(5n, 9n, 7n), [3]),
    'mask_test.npy': encodeNpy(Float32Array.of(0, 0.5, 1, 2, -2, 0), [3, 2]),
  }),
  params: { inputs: ['length', 'mask'] },
});

describe('npz', () => {
  it('reads what numpy.savez and numpy.savez_compressed write, whatever the arrays are called', async () => {
    const stored = await load(folder('stored', arrays, 0));
    expect(stored.checksum).toBe((await load(plain)).checksum);
    const other = folder('other', {
      'test_images.npy': arrays['x_test.npy'],
      'test_labels.npy': arrays['y_test.npy'],
      'val_images.npy': arrays['x_test.npy'],
    });
    const { test, train } = await load(other, 'npz(path=data.npz)');
    expect(test.images.data).toEqual(stored.test.images.data);
    expect(train.images.count).toBe(0);
  });

  it('refuses a file without its arrays, several files, and none', async () => {
    const few = folder('few', { 'a.npy': arrays['x_test.npy'] });
    await expect(load(few)).rejects.toThrow('expected arrays x_test and y_test');
    writeFileSync(join(few, 'more.npz'), '');
    await expect(load(few)).rejects.toThrow('Received data.npz, more.npz: name the file');
    await expect(load(few, 'npz(path=missing.npz)')).rejects.toMatchObject({ code: 'missing' });
  });

  it('gives one clear error for a damaged file, and never hangs or takes memory that is not there', async () => {
    for (const level of [0, 6] as const) {
      const file = zipSync(arrays, { level });
      const { refused } = await readAll(mutants(file, 400), (mutant) => readNpz(mutant, 'data.npz'));
      expect(refused).toBeGreaterThan(150);
    }
  });
});
