import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import fc from 'fast-check';

import { parseIdx, readIdx } from './idx';

function idx(dims: readonly number[], data: Uint8Array, type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dims.length + data.length);
  bytes.set([0, 0, type, dims.length]);
  dims.forEach((dim, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, dim));
  bytes.set(data, 4 + 4 * dims.length);
  return bytes;
}

const dims = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 });
const size = (of: readonly number[]): number => of.reduce((product, dim) => product * dim, 1);

describe('parseIdx', () => {
  it('reads back what the format says', () => {
    fc.assert(
      fc.property(
        dims.chain((of) => fc.tuple(fc.constant(of), fc.uint8Array({ minLength: size(of), maxLength: size(of) }))),
        ([of, data]) => {
          expect(parseIdx(idx(of, data), 'a', of.length)).toEqual({ dims: of, data });
        },
      ),
      { seed: 3 },
    );
  });

  it('refuses every file that is cut short, and says how long it should be', () => {
    const whole = idx([2, 3, 4], new Uint8Array(24).fill(9));
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseIdx(whole.subarray(0, length), 'images', 3)).toThrow(
        length < 16
          ? `images: expected an IDX header of 16 bytes. Received a file of ${length} bytes.`
          : `images: expected 40 bytes, as its header of 2 x 3 x 4 says. Received ${length} bytes: the file is cut short.`,
      );
    }
  });

  const labels = idx([3], new Uint8Array(3));
  it.each([
    [
      'bytes that follow',
      Uint8Array.of(...labels, 0),
      1,
      'expected 11 bytes, as its header of 3 says. Received 12 bytes: the file is too long',
    ],
    [
      'another beginning',
      labels.with(1, 7),
      1,
      'expected two zero bytes at the start of an IDX file. Received 0 and 7',
    ],
    [
      'floats',
      idx([1], new Uint8Array(4), 13),
      1,
      'expected elements of type 8 (unsigned bytes). Received type 13 (32-bit floats)',
    ],
    ['an unknown type', labels.with(2, 99), 1, 'Received type 99 (unknown)'],
    [
      'labels in place of images',
      idx([30], new Uint8Array(30)),
      3,
      'expected 3 dimensions, as images have. Received 1',
    ],
    [
      'images in place of labels',
      idx([1, 2, 2], new Uint8Array(4)),
      1,
      'expected 1 dimension, as labels have. Received 3',
    ],
    [
      'no images',
      idx([0, 28, 28], new Uint8Array(0)),
      3,
      'expected dimensions of at least 1. Received 0 in dimension 0 of 0 x 28 x 28',
    ],
  ])('refuses %s', (_what, bytes, rank, message) => {
    expect(() => parseIdx(bytes, 'file', rank)).toThrow(
      expect.objectContaining({ code: 'bad-data', message: expect.stringContaining(message) }),
    );
  });
});

describe('readIdx', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'idx-'))));
  afterAll(() => rm(folder, { recursive: true }));

  it('reads gzipped files whatever their name', async () => {
    const bytes = idx([2, 2], Uint8Array.of(1, 2, 3, 4));
    const path = join(folder, 'no-suffix');
    await writeFile(path, gzipSync(bytes));
    expect((await readIdx(path, 2)).data).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it('names a gzip file that is cut short', async () => {
    const path = join(folder, 'short.gz');
    await writeFile(
      path,
      gzipSync(
        idx(
          [2000],
          new Uint8Array(2000).map((_, i) => i * 7),
        ),
      ).subarray(0, 200),
    );
    await expect(readIdx(path, 1)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('short.gz: expected a whole gzip file. Received one that is cut short'),
    });
  });
});
