import fc from 'fast-check';

import { CIFAR100_RECORDS, CIFAR10_RECORDS, CIFAR_SHAPE, readCifarRecords } from './cifar-binary';

const RECORD = 3073;

/** A file of records whose pixels all have the value of their place. */
const file = (name: string, ...labels: number[]) => {
  const bytes = new Uint8Array(labels.length * RECORD);
  labels.forEach((label, i) => bytes.fill(i + 1, i * RECORD, (i + 1) * RECORD).set([label], i * RECORD));
  return { name, bytes };
};

describe('readCifarRecords', () => {
  it('joins files, and keeps the order of their records', async () => {
    const split = readCifarRecords([file('a', 3, 9), file('b', 0)], CIFAR10_RECORDS);
    expect(split.labels).toEqual(Uint8Array.of(3, 9, 0));
    const image = new Float32Array(3072);
    await split.copyImage(1, image, 0);
    expect(new Set(image)).toEqual(new Set([Math.fround(2 / 255 - 0.5)]));
  });

  it('takes the planes as they come: red, green, blue', async () => {
    const { bytes } = file('a', 1);
    bytes.fill(255, 1 + 1024, 1 + 2048);
    const image = new Float32Array(3072);
    await readCifarRecords([{ name: 'a', bytes }], CIFAR10_RECORDS).copyImage(0, image, 0);
    expect(CIFAR_SHAPE).toEqual({ channels: 3, height: 32, width: 32 });
    expect([image[1023]! < 0.5, image[1024], image[2047], image[2048]! < 0.5]).toEqual([true, 0.5, 0.5, true]);
  });

  it('takes the second label of two, the fine one', async () => {
    const bytes = new Uint8Array(3074).fill(255).fill(7, 0, 1).fill(42, 1, 2);
    const split = readCifarRecords([{ name: 'a', bytes }], CIFAR100_RECORDS);
    expect(split.labels).toEqual(Uint8Array.of(42));
    const image = new Float32Array(3072);
    await split.copyImage(0, image, 0);
    expect(new Set(image)).toEqual(new Set([0.5]));
  });

  it('refuses every size that is no multiple of a record', () => {
    fc.assert(
      fc.property(fc.nat(3 * RECORD), (length) => {
        fc.pre(length % RECORD !== 0 || length === 0);
        const cut = { name: 'train.bin', bytes: new Uint8Array(length) };
        expect(() => readCifarRecords([cut], CIFAR10_RECORDS)).toThrow(
          `train.bin: expected whole records of 3073 bytes (a label and 3072 pixels), at least one. Received ${length} bytes: ${Math.floor(length / RECORD)} records and ${length % RECORD} bytes left over.`,
        );
      }),
      { seed: 11, examples: [[0], [RECORD - 1], [2 * RECORD + 1]] },
    );
  });

  it('names the record whose label is out of range', () => {
    expect(() => readCifarRecords([file('a', 1), file('b', 1, 2, 10)], CIFAR10_RECORDS)).toThrow(
      'b: expected labels from 0 to 9. Received 10 in record 2.',
    );
  });
});
