import { createHash } from 'node:crypto';

import { RampartError } from './error';

/**
 * JSON with the keys of every object in order, so that equal values have equal text.
 * @throws RampartError `usage` for what JSON cannot tell apart: maps, sets, functions
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (item instanceof Map || item instanceof Set || typeof item === 'function' || typeof item === 'symbol') {
      throw new RampartError({
        code: 'usage',
        message: `Expected plain data to make JSON of. Received a ${typeof item === 'object' ? item.constructor.name : typeof item}${key && ` as "${key}"`}.`,
      });
    }
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
    if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** The key of whatever a value determines: the first 32 hexadecimal digits of the SHA-256 of its canonical JSON. */
export function contentKey(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
}

/** Bytes that are hashed at once: a call takes fewer than 2 GiB. */
const PIECE = 2 ** 30;

/** SHA-256 of bytes, or of those of several arrays one after the other, as hexadecimal digits. */
export function checksum(bytes: Uint8Array | readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const array of bytes instanceof Uint8Array ? [bytes] : bytes) {
    for (let start = 0; start < array.length; start += PIECE) hash.update(array.subarray(start, start + PIECE));
  }
  return hash.digest('hex');
}

/** The bytes behind a typed array, without a copy. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * The numbers that bytes are of: in the same memory, or in a copy where a typed array of them cannot begin there, or
 * where threads share it, which ONNX Runtime does not take.
 */
export function numbersIn<T>(
  Numbers: {
    new (buffer: ArrayBuffer, byteOffset?: number, length?: number): T;
    readonly BYTES_PER_ELEMENT: number;
  },
  bytes: Uint8Array,
): T {
  const { buffer, byteOffset, byteLength } = bytes;
  const size = Numbers.BYTES_PER_ELEMENT;
  const inPlace = buffer instanceof ArrayBuffer && byteOffset % size === 0;
  return inPlace ? new Numbers(buffer, byteOffset, byteLength / size) : new Numbers(new Uint8Array(bytes).buffer);
}
