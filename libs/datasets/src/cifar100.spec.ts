import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Rng } from '@rampart/core';
import { describeDataset } from '@rampart/testing';

import { cifar100 } from './cifar100';
import { mutants, readAll } from './damaged.kit';

const root = mkdtempSync(join(tmpdir(), 'cifar100-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Records of random pixels, their fine labels 0 to 99 in turn. */
function records(name: string, count: number): Uint8Array {
  const rng = Rng.root(name);
  const bytes = Uint8Array.from({ length: count * 3074 }, () => rng.integer(256));
  for (let i = 0; i < count; i++) bytes.set([rng.integer(20), i % 100], i * 3074);
  return bytes;
}

const folder = join(root, 'cifar-100-binary');
mkdirSync(folder);
writeFileSync(join(folder, 'train.bin'), records('train', 200));
writeFileSync(join(folder, 'test.bin'), records('test', 100));
describeDataset(cifar100, { dataDir: root });

const load = (params: Readonly<Record<string, unknown>> = {}) =>
  cifar100.load(cifar100.params.parse(params), { dataDir: root });

describe('cifar100', () => {
  it('has a hundred classes, all of them attacked, each with the label of the files', async () => {
    const { classes, malicious, test } = await load();
    expect(classes).toHaveLength(100);
    expect([classes[0], classes[53], classes[99]]).toEqual(['apple', 'orange', 'worm']);
    expect(malicious).toBeUndefined();
    expect(Array.from(test.labels)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('gives one clear error for a damaged file', async () => {
    const bytes = records('few', 2);
    const { refused } = await readAll(mutants(bytes, 100), (mutant) => {
      writeFileSync(join(folder, 'test.bin'), mutant);
      return load();
    });
    expect(refused).toBeGreaterThan(20);
  });
});
