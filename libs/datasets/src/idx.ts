import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { messageOf, RampartError } from '@rampart/core';

import { readUserFile } from './user-path';

/** The content of an IDX file of unsigned bytes: the format of MNIST and the datasets made in its likeness. */
export interface IdxArray {
  readonly dims: readonly number[];
  /** Row-major, a view on the file's bytes. */
  readonly data: Uint8Array;
}

const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  0x08: 'unsigned bytes',
  0x09: 'signed bytes',
  0x0b: '16-bit integers',
  0x0c: '32-bit integers',
  0x0d: '32-bit floats',
  0x0e: '64-bit floats',
};
const UNSIGNED_BYTES = 0x08;

/**
 * Reads the bytes of an IDX file. Every header field and the length are checked.
 * @param file the file's name, for messages
 * @param rank number of dimensions that the content must have: 3 for images, 1 for labels
 * @throws RampartError `bad-data` that names the file, what was expected and what was received
 */
export function parseIdx(bytes: Uint8Array, file: string, rank: number): IdxArray {
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    throw damaged(file, `an IDX header of ${headerBytes} bytes`, `a file of ${bytes.length} bytes`);
  }
  const [zero0, zero1, type, dimensions] = bytes;
  if (zero0 !== 0 || zero1 !== 0) {
    throw damaged(file, 'two zero bytes at the start of an IDX file', `${zero0} and ${zero1}`);
  }
  if (type !== UNSIGNED_BYTES) {
    throw damaged(file, `elements of type 8 (unsigned bytes)`, `type ${type} (${ELEMENT_TYPES[type!] ?? 'unknown'})`);
  }
  if (dimensions !== rank) {
    const kind = rank === 1 ? 'labels' : 'images';
    throw damaged(file, `${rank} ${rank === 1 ? 'dimension' : 'dimensions'}, as ${kind} have`, `${dimensions}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const empty = dims.findIndex((dim) => dim === 0);
  if (empty >= 0) throw damaged(file, 'dimensions of at least 1', `0 in dimension ${empty} of ${dims.join(' x ')}`);
  const expected = headerBytes + dims.reduce((product, dim) => product * dim, 1);
  if (bytes.length !== expected) {
    throw damaged(
      file,
      `${expected} bytes, as its header of ${dims.join(' x ')} says`,
      `${bytes.length} bytes: the file is ${bytes.length < expected ? 'cut short' : 'too long'}`,
    );
  }
  return { dims, data: bytes.subarray(headerBytes) };
}

/**
 * Reads an IDX file, plain or gzipped; which of the two it is shows in its first bytes, not in its name.
 * @throws RampartError `bad-data`
 */
export async function readIdx(path: string, rank: number): Promise<IdxArray> {
  const bytes = await readUserFile(path);
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseIdx(gzipped ? await unzip(bytes, path) : bytes, path, rank);
}

async function unzip(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes);
  } catch (error) {
    throw new RampartError({
      code: 'bad-data',
      message: `${path}: expected a whole gzip file. Received one that is cut short or damaged (${messageOf(error)}). Fetch it again.`,
      cause: error,
    });
  }
}

function damaged(file: string, expected: string, received: string): RampartError {
  return new RampartError({
    code: 'bad-data',
    message: `${file}: expected ${expected}. Received ${received}. Fetch the file again, or check that it is an IDX file.`,
  });
}
