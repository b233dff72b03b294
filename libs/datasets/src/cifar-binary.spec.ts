import fc from 'fast-check';

import { CIFAR_SHAPE, readCifarRecords } from './cifar-binary';

const RECORD = 3073;

/** A file of records whose pixels all have the value of their place. */
const file = (name: string, ...labels: number[]) => {
  const bytes = new Uint8Array(labels.length * RECORD);
  labels.forEach((label, i) => bytes.fill(i + 1, i * RECORD, (i + 1) * RECORD).set([label], i * RECORD));
  return { name, bytes };
};

describe('readCifarRecords', () => {
  it('joins files, and keeps the order of their records', async () => {
    const split = readCifarRecords([file('a', 3, 9), file('b', 0)], 10);
    expect(split.labels).toEqual(Uint8Array.of(3, 9, 0));
    const image = new Float32Array(3072);
    await split.copyImage(1, image, 0);
    expect(new Set(image)).toEqual(new Set([Math.fround(2 / 255 - 0.5)]));
  });

  it('takes the planes as they come: red, green, blue', async () => {
    const { bytes } = file('a', 1);
    bytes.fill(255, 1 + 1024, 1 + 2048);
    const image = new Float32Array(3072);
    await readCifarRecords([{ name: 'a', bytes }], 10).copyImage(0, image, 0);
    expect(CIFAR_SHAPE).toEqual({ channels: 3, height: 32, width: 32 });
    expect([image[1023]! < 0.5, image[1024], image[2047], image[2048]! < 0.5]).toEqual([true, 0.5, 0.5, true]);
  });

  it('refuses every size that is no multiple of a record', () => {
    fc.assert(
      fc.property(fc.nat(3 * RECORD), (length) => {
        fc.pre(length % RECORD !== 0 || length === 0);
        const cut = { name: 'train.bin', bytes: new Uint8Array(length) };
        expect(() => readCifarRecords([cut], 10)).toThrow(
          `train.bin: expected whole records of 3073 bytes (a label and 3072 pixels), at least one. Received ${length} bytes: ${Math.floor(length / RECORD)} records and ${length % RECORD} bytes left over.`,
        );
      }),
      { seed: 11, examples: [[0], [RECORD - 1], [2 * RECORD + 1]] },
    );
  });

  it('names the record whose label is out of range', () => {
    expect(() => readCifarRecords([file('a', 1), file('b', 1, 2, 10)], 10)).toThrow(
      'b: expected labels from 0 to 9. Received 10 in record 2.',
    );
  });
});
