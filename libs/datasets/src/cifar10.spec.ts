import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { Rng } from '@rampart/core';
import { describeDataset } from '@rampart/testing';
import { pack } from 'tar-stream';

import { cifar10 } from './cifar10';

const OFFICIAL = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`).concat('test_batch.bin');

const root = mkdtempSync(join(tmpdir(), 'cifar10-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Records of random pixels, their labels 0 to 9 in turn. */
function records(name: string, count: number): Uint8Array {
  const rng = Rng.root(name);
  const bytes = Uint8Array.from({ length: count * 3073 }, () => rng.integer(256));
  for (let i = 0; i < count; i++) bytes[i * 3073] = i % 10;
  return bytes;
}

function folder(name: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

const batches = Object.fromEntries(OFFICIAL.map((name) => [name, records(name, 20)]));

async function archive(files: Readonly<Record<string, Uint8Array>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of Object.entries(files)) {
    tar.entry({ name: `cifar-10-batches-bin/${name}` }, Buffer.from(bytes));
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return gzipSync(Buffer.concat(chunks));
}

const checksumFile = (bytes: Uint8Array): string =>
  `${createHash('sha256').update(bytes).digest('hex')}  cifar-10-binary.tar.gz\n`;

const load = (dataDir: string, params: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal) =>
  cifar10.load(cifar10.params.parse(params), { dataDir, ...(signal && { signal }) });

describeDataset(cifar10, { dataDir: folder('official', batches) });
describeDataset(cifar10, {
  dataDir: folder('own', { 'train.bin': records('train', 30), 'test.bin': records('test', 20) }),
  params: { classes: 'all' },
});

describe('cifar10 from a folder of files', () => {
  it('puts the five batches in order, airplanes malicious', async () => {
    const { train, test, classes, malicious, note } = await load(folder('official', batches));
    expect({ classes, malicious, note }).toEqual({ classes: ['airplane', 'cat'], malicious: 0, note: undefined });
    expect(train.labels).toEqual(Int32Array.from({ length: 20 }, (_, i) => i % 2));
    expect(test.images.count).toBe(4);
    const third = batches['data_batch_2.bin']!;
    expect(train.images.data[4 * 3072]).toBe(Math.fround(third[1]! / 255 - 0.5));
  });

  it('says that train.bin and test.bin are not the official sets', async () => {
    const { note } = await load(folder('own', {}));
    expect(note).toMatch(/need not be the official training and test sets/);
  });

  it('looks into subfolders that are named after it', async () => {
    folder('parent/cifar-10-batches-bin', batches);
    folder('parent/cifar-100', { 'train.bin': 'something else' });
    expect((await load(join(root, 'parent'))).train.images.count).toBe(20);
  });

  it.each([
    [
      'a batch that is missing',
      { 'data_batch_1.bin': records('x', 10) },
      /has data_batch_1.bin but not data_batch_2.bin, .*test_batch.bin/,
    ],
    [
      'a file that is cut short',
      { ...batches, 'data_batch_3.bin': records('x', 10).subarray(0, 5000) },
      /data_batch_3.bin: expected whole records of 3073 bytes/,
    ],
    [
      'a label above 9',
      { ...batches, 'test_batch.bin': records('x', 10).with(3073 * 4, 10) },
      /test_batch.bin: expected labels from 0 to 9. Received 10 in record 4/,
    ],
    [
      'a folder without any',
      { 'readme.txt': 'nothing' },
      /holds no CIFAR-10 data. Expected cifar-10-binary.tar.gz, or the files data_batch_1.bin/,
    ],
  ])('refuses %s', async (what, files, message) => {
    await expect(load(folder(what, files as Record<string, Uint8Array>))).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(message),
    });
  });

  it('says which classes the files do not hold', async () => {
    const only = folder('airplanes', {
      'train.bin': records('a', 20),
      'test.bin': records('b', 10).with(3 * 3073, 0),
    });
    expect((await load(only)).note).toContain('no sample of class cat among the test data');
  });
});

describe('cifar10 from an archive', () => {
  it('is the same dataset as from the files in it', async () => {
    const bytes = await archive(batches);
    const dataDir = folder('archive', {
      'cifar-10-binary.tar.gz': bytes,
      'cifar-10-binary.tar.gz.sha256': checksumFile(bytes),
    });
    const { checksum, note } = await load(dataDir);
    expect(checksum).toBe((await load(folder('official', batches))).checksum);
    expect(note).toMatch(/other than the official one/);
    expect(readdirSync(dataDir)).toHaveLength(2);
  });

  it('refuses one that is not the official one, by its size', async () => {
    const dataDir = folder('foreign', { 'cifar-10-binary.tar.gz': await archive(batches) });
    await expect(load(dataDir)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(
        /expected an archive of 170052171 bytes. Received \d+ bytes: it is cut short. Fetch it again/,
      ),
    });
    expect(readdirSync(dataDir)).toEqual(['cifar-10-binary.tar.gz']);
  });

  it('refuses a wrong checksum', async () => {
    const bytes = await archive(batches);
    const dataDir = folder('flipped', {
      'cifar-10-binary.tar.gz': bytes.with(200, bytes[200]! ^ 1),
      'cifar-10-binary.tar.gz.sha256': checksumFile(bytes),
    });
    await expect(load(dataDir)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(
        /expected the SHA-256 checksum [0-9a-f]{64}. Received [0-9a-f]{64}: the archive is damaged/,
      ),
    });
  });

  it('refuses a checksum file that is none', async () => {
    const dataDir = folder('vouched', {
      'cifar-10-binary.tar.gz': await archive(batches),
      'cifar-10-binary.tar.gz.sha256': 'trust me',
    });
    await expect(load(dataDir)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('expected a line of 64 hexadecimal digits and a file name'),
    });
  });

  it.each([
    ['the gzip stream', (bytes: Buffer) => bytes.subarray(0, bytes.length - 2000)],
    ['all but its beginning', (bytes: Buffer) => bytes.subarray(0, 10)],
  ])('refuses one cut short in %s, also when its checksum is vouched for', async (what, cut) => {
    const bytes = cut(await archive(batches));
    const dataDir = folder(what, {
      'cifar-10-binary.tar.gz': bytes,
      'cifar-10-binary.tar.gz.sha256': checksumFile(bytes),
    });
    await expect(load(dataDir)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining(
        'expected a whole gzipped tar archive. Received one that is cut short or damaged',
      ),
    });
  });

  it('refuses one that lacks a batch', async () => {
    const { 'data_batch_4.bin': _left, ...rest } = batches;
    const bytes = await archive(rest);
    const dataDir = folder('incomplete', {
      'cifar-10-binary.tar.gz': bytes,
      'cifar-10-binary.tar.gz.sha256': checksumFile(bytes),
    });
    await expect(load(dataDir)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('Received an archive without data_batch_4.bin'),
    });
  });

  it('stops when the signal fires', async () => {
    const bytes = await archive(batches);
    const dataDir = folder('stopped', {
      'cifar-10-binary.tar.gz': bytes,
      'cifar-10-binary.tar.gz.sha256': checksumFile(bytes),
    });
    const controller = new AbortController();
    const loading = load(dataDir, {}, controller.signal);
    controller.abort();
    await expect(loading).rejects.toMatchObject({ code: 'cancelled' });
  });
});

/** Real images, where the environment says where they are. */
const real = process.env['RAMPART_DATA_DIR'];
const holdsCifar =
  real !== undefined && existsSync(real) && readdirSync(real).some((name) => /^cifar-?10|\.bin$/i.test(name));
if (holdsCifar) describeDataset(cifar10, { dataDir: real });
