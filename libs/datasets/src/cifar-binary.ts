import { type ImageShape, RampartError } from '@rampart/core';

import { type RawSplit, scaleBytes } from './assemble';

/** CIFAR's images: the red, the green and the blue plane, 32 rows of 32 bytes each. */
export const CIFAR_SHAPE: ImageShape = { channels: 3, height: 32, width: 32 };

const PIXELS = 3 * 32 * 32;

/** How records are laid out. */
export interface CifarRecords {
  /** Bytes before the pixels; the last of them is the label. */
  readonly labelBytes: number;
  /** Labels are below it. */
  readonly classes: number;
}

export const CIFAR10_RECORDS: CifarRecords = { labelBytes: 1, classes: 10 };

/** A coarse label, then the fine one. */
export const CIFAR100_RECORDS: CifarRecords = { labelBytes: 2, classes: 100 };

/** A file in CIFAR's binary format, by its name. */
export interface CifarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads files of CIFAR's binary format as one split: records of label bytes and 3,072 pixel bytes.
 * @throws RampartError `bad-data` when a file holds no whole number of records, or a label is out of range
 */
export function readCifarRecords(files: readonly CifarFile[], layout: CifarRecords): RawSplit {
  const { labelBytes } = layout;
  const size = labelBytes + PIXELS;
  const records = files.flatMap((file) =>
    Array.from({ length: checkedCount(file, layout) }, (_, record) => ({ bytes: file.bytes, start: record * size })),
  );
  return {
    labels: Uint8Array.from(records, ({ bytes, start }) => bytes[start + labelBytes - 1]!),
    // Straight from the files, which are large.
    copyImage(image, target, offset) {
      const { bytes, start } = records[image]!;
      scaleBytes(bytes, start + labelBytes, PIXELS, target, offset);
    },
  };
}

function checkedCount({ name, bytes }: CifarFile, { labelBytes, classes }: CifarRecords): number {
  const size = labelBytes + PIXELS;
  const count = Math.floor(bytes.length / size);
  if (count === 0 || bytes.length % size !== 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `${name}: expected whole records of ${size} bytes (${labelBytes === 1 ? 'a label' : `${labelBytes} labels`} and ${PIXELS} pixels), at least one. Received ${bytes.length} bytes: ${count} records and ${bytes.length % size} bytes left over. Fetch the file again.`,
    });
  }
  for (let record = 0; record < count; record++) {
    const label = bytes[record * size + labelBytes - 1]!;
    if (label < classes) continue;
    throw new RampartError({
      code: 'bad-data',
      message: `${name}: expected labels from 0 to ${classes - 1}. Received ${label} in record ${record}. The file is damaged or in another format.`,
    });
  }
  return count;
}
