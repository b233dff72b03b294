import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileNames } from '@rampart/reports';
import { decodeNpy } from '@rampart/results';
import { unzipSync } from 'fflate';
import { PNG } from 'pngjs';

import { npz } from './npz';
import { pngOf } from './png';
import { writeNew } from './write-new';

describe('npz', () => {
  it('is a zip file of .npy files, and the same bytes for the same arrays', () => {
    const arrays = {
      images: { data: Float32Array.from({ length: 24 }, (_, i) => i / 7), shape: [2, 3, 4] },
      labels: { data: Int32Array.of(4, -7), shape: [2] },
    };
    const bytes = npz(arrays);
    const files = unzipSync(bytes);
    expect(Object.keys(files)).toEqual(['images.npy', 'labels.npy']);
    expect(decodeNpy(files['images.npy']!)).toEqual(arrays.images);
    expect(decodeNpy(files['labels.npy']!)).toEqual(arrays.labels);
    expect(npz(arrays)).toEqual(bytes);
  });
});

describe('pngOf', () => {
  it.each([
    [1, [0, 1, 128, 254, 255, 77]],
    [3, Array.from({ length: 18 }, (_, i) => (i * 53) % 256)],
  ])('keeps every value of %d channels', (channels, values) => {
    const bytes = Uint8Array.from(values);
    const file = Buffer.from(pngOf(bytes, [channels, 2, 3]));
    // Bit depth and colour type in the header: 8 bits of grey, or of three colours.
    expect([file[24], file[25]]).toEqual([8, channels === 1 ? 0 : 2]);
    const { data, width, height } = PNG.sync.read(file);
    expect([width, height]).toEqual([3, 2]);
    for (let pixel = 0; pixel < 6; pixel++) {
      const seen = [...data.subarray(4 * pixel, 4 * pixel + channels)];
      expect(seen).toEqual(Array.from({ length: channels }, (_, channel) => bytes[channel * 6 + pixel]));
      expect(data[4 * pixel + 3]).toBe(255);
    }
  });
});

describe('FileNames', () => {
  it('makes names that every system takes, no two the same', () => {
    const names = new FileNames();
    expect(names.unique('rad(attack=fgs(epsilon=8/255), rounds=2)')).toBe('rad(attack=fgs(epsilon=8-255)-rounds=2)');
    expect([names.unique('a/b'), names.unique('A:B'), names.unique('../..'), names.unique('a b')]).toEqual([
      ...['a-b', 'A-B-2', 'unnamed', 'a-b-3'],
    ]);
  });
});

describe('writeNew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-export-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('writes files and folders whole', async () => {
    const file = join(folder, 'file');
    await writeNew(file, (path) => writeFile(path, 'text'));
    expect(readFileSync(file, 'utf8')).toBe('text');
    await writeNew(join(folder, 'folder'), async (path) => {
      await mkdir(path);
      await writeFile(join(path, 'inside'), 'text');
    });
    expect(readdirSync(join(folder, 'folder'))).toEqual(['inside']);
  });

  it('leaves nothing behind where writing fails', async () => {
    const before = readdirSync(folder);
    const failing = writeNew(join(folder, 'half'), async (path) => {
      await mkdir(path);
      await writeFile(join(path, 'first'), 'text');
      throw new Error('no room');
    });
    await expect(failing).rejects.toThrow(/Nothing can be written to .*half: no room/);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('does not touch what is there, also when it appears meanwhile', async () => {
    const file = join(folder, 'taken');
    const late = writeNew(file, async (path) => {
      await writeFile(path, 'ours');
      writeFileSync(file, 'theirs');
    });
    await expect(late).rejects.toThrow(/There is something at .*taken already/);
    expect(readFileSync(file, 'utf8')).toBe('theirs');
    let written = false;
    await expect(writeNew(file, () => Promise.resolve(void (written = true)))).rejects.toMatchObject({ code: 'usage' });
    expect([written, existsSync(file)]).toEqual([false, true]);
  });
});
