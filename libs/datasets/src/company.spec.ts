import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { companyOf, encodeNpy, featureCount, parseComponent, Registry } from '@rampart/core';
import { zipSync } from 'fflate';

import { csv } from './csv';
import { npyFolder } from './npy-folder';
import { npz } from './npz';

const root = mkdtempSync(join(tmpdir(), 'company-'));
afterAll(() => rmSync(root, { recursive: true }));

function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(root, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

const load = (dataDir: string, text: string) => {
  const { definition, params } = new Registry('dataset', [csv, npyFolder, npz]).resolve(parseComponent(text));
  return definition.load(params, { dataDir });
};

const images = encodeNpy(
  Uint8Array.from({ length: 3 * 4 }, (_, i) => 20 * i),
  [3, 2, 2],
);
const arrays = {
  'x.npy': images,
  'y.npy': encodeNpy(Uint8Array.of(1, 0, 0, 1, 1, 1), [3, 2]),
  'length.npy': encodeNpy(BigInt64Array.of(5n, 9n, 7n), [3]),
  'mask_test.npy': encodeNpy(Float32Array.of(0, 0.5, 1, 2, -2, 0), [3, 2]),
};
const whole = folder('npz', { 'data.npz': zipSync(arrays) });

describe('samples that bring something along', () => {
  it('have it behind their own values, scaled to their box: inputs by name, then labels', async () => {
    const dataset = await load(whole, 'npz(inputs=[length, mask], names=[cat, dog])');
    const kind = companyOf(dataset.samples)!;
    expect(kind).toMatchObject({ shape: { channels: 1, height: 2, width: 2 }, labels: ['cat', 'dog'] });
    expect(kind.companions).toEqual([
      { name: 'length', dims: [], min: 5, max: 9, whole: true },
      { name: 'mask', dims: [2], min: -2, max: 2, whole: false },
    ]);
    expect(featureCount(dataset.shape)).toBe(4 + 1 + 2 + 2);
    const second = Array.from(dataset.test.images.data.subarray(9, 18));
    expect(second.slice(4)).toEqual([0.5, 0.25, 0.5, -0.5, 0.5]);
    second.slice(0, 4).forEach((value, k) => expect(value).toBeCloseTo((80 + 20 * k) / 255 - 0.5, 6));
    expect(dataset.classes).toEqual(['all labels right', 'cat wrong', 'dog wrong']);
    expect(Array.from(dataset.test.labels)).toEqual([0, 0, 0]);
    expect(dataset.note).toBeUndefined();
  });

  it('are read from folders of arrays and from columns of a table, too', async () => {
    const files = {
      'test-images.npy': images,
      'test-labels.npy': arrays['y.npy'],
      'test-length.npy': arrays['length.npy'],
    };
    const dataset = await load(folder('npy', files), 'npy-folder(inputs=[length])');
    expect(companyOf(dataset.samples)).toMatchObject({
      companions: [{ name: 'length' }],
      labels: ['label 0', 'label 1'],
    });
    const table = folder('csv', {
      'test.csv': ['age,late,paid,branch,income', '20,1,0,3,7', '30,0,0,5,9', '40,1,1,4,8'].join('\n'),
    });
    const rows = await load(table, 'csv(labels=[late, paid], inputs=[branch])');
    const kind = companyOf(rows.samples)!;
    const features = kind.of?.kind === 'table' ? kind.of.features : [];
    expect(features.map(({ name }) => name)).toEqual(['age', 'income']);
    expect(kind).toMatchObject({
      companions: [{ name: 'branch', dims: [], min: 3, max: 5 }],
      labels: ['late', 'paid'],
    });
    expect(Array.from(rows.test.images.data.subarray(5, 10))).toEqual([0.5, 1, 1, 0, 0]);
  });

  it.each<[string, Readonly<Record<string, Uint8Array>>, string, RegExp]>([
    [
      'a row too few',
      { 'length.npy': encodeNpy(Int32Array.of(1, 2), [2]) },
      '',
      /expected 3 rows, one a sample. Received 2/,
    ],
    [
      'no number',
      { 'mask_test.npy': encodeNpy(new Float32Array(6).fill(NaN), [3, 2]) },
      '',
      /finite numbers. Received NaN/,
    ],
    ['another name', {}, ', names=[cat]', /a column for each of the 1 labels cat. Received 2/],
    ['a choice of classes', {}, ', classes=[0, 1]', /sets, of which every one counts/],
    [
      'no set',
      { 'y.npy': encodeNpy(Uint8Array.of(1, 0, 0, 3, 1, 1), [3, 2]) },
      '',
      /a 1 for each label.*3 for sample 1, label 1/,
    ],
    [
      'numbers too far apart',
      { 'length.npy': encodeNpy(Int32Array.of(0, 1, 2 ** 24), [3]) },
      '',
      /within 4194304 of each other/,
    ],
  ])('are refused for %s', async (name, other, more, says) => {
    const place = folder(name, { 'data.npz': zipSync({ ...arrays, ...other }) });
    await expect(load(place, `npz(inputs=[length, mask]${more})`)).rejects.toThrow(says);
  });
});
