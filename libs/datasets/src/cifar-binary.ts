import { type ImageShape, RampartError } from '@rampart/core';

import { type RawSplit, scaleBytes } from './assemble';

/** CIFAR's images: the red, the green and the blue plane, 32 rows of 32 bytes each. */
export const CIFAR_SHAPE: ImageShape = { channels: 3, height: 32, width: 32 };

const PIXELS = 3 * 32 * 32;
const RECORD = 1 + PIXELS;

/** A file in CIFAR-10's binary format, by its name. */
export interface CifarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads files of CIFAR-10's binary format as one split: records of a label byte and 3,072 pixel bytes.
 * @param classes number of classes; a label must be below it
 * @throws RampartError `bad-data` when a file holds no whole number of records, or a label is out of range
 */
export function readCifarRecords(files: readonly CifarFile[], classes: number): RawSplit {
  const records = files.flatMap((file) =>
    Array.from({ length: checkedCount(file, classes) }, (_, record) => ({ bytes: file.bytes, start: record * RECORD })),
  );
  return {
    labels: Uint8Array.from(records, ({ bytes, start }) => bytes[start]!),
    // Straight from the files, which are large.
    copyImage(image, target, offset) {
      const { bytes, start } = records[image]!;
      scaleBytes(bytes, start + 1, PIXELS, target, offset);
    },
  };
}

function checkedCount({ name, bytes }: CifarFile, classes: number): number {
  const count = Math.floor(bytes.length / RECORD);
  if (count === 0 || bytes.length % RECORD !== 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `${name}: expected whole records of ${RECORD} bytes (a label and ${PIXELS} pixels), at least one. Received ${bytes.length} bytes: ${count} records and ${bytes.length % RECORD} bytes left over. Fetch the file again.`,
    });
  }
  for (let record = 0; record < count; record++) {
    const label = bytes[record * RECORD]!;
    if (label < classes) continue;
    throw new RampartError({
      code: 'bad-data',
      message: `${name}: expected labels from 0 to ${classes - 1}. Received ${label} in record ${record}. The file is damaged or in another format.`,
    });
  }
  return count;
}
