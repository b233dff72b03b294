import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

import { bytesOf, numbersIn } from '@rampart/core';

/** Bytes from which an array is written as it lies in memory: a copy of it may be as large as the data of a training. */
const LARGE = 2 ** 20;

/** How an array is told in the head. */
const WITHIN = 0;
const BEHIND = 1;

/** What `node:v8` calls for every array, which its types leave out. */
interface HostObjects {
  _writeHostObject(array: ArrayBufferView): void;
  _readHostObject(): unknown;
}

/**
 * A state of plain values and arrays as pieces that are to be written one after the other: the length of the head, the
 * head, and large arrays of numbers, which are not copied.
 */
export function piecesOf(state: unknown): Uint8Array[] {
  const writer = new Writer();
  writer.writeHeader();
  writer.writeValue(state);
  const head = writer.releaseBuffer();
  const padded = new Uint8Array(4 * Math.ceil(head.length / 4));
  padded.set(head);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(padded.length);
  return [length, padded, ...writer.behind.map(bytesOf)];
}

/** The state that the pieces were made of. Its large arrays lie in `content`. @throws Error where it is none */
export function stateOf(content: Uint8Array): unknown {
  const head = new DataView(content.buffer, content.byteOffset).getUint32(0, true);
  const reader = new Reader(content.subarray(4, 4 + head), content.subarray(4 + head));
  reader.readHeader();
  return reader.readValue();
}

class Writer extends DefaultSerializer {
  readonly behind: Float32Array[] = [];

  _writeHostObject(array: ArrayBufferView): void {
    const large = array instanceof Float32Array && array.byteLength >= LARGE;
    this.writeUint32(large ? BEHIND : WITHIN);
    if (!large) return (DefaultSerializer.prototype as unknown as HostObjects)._writeHostObject.call(this, array);
    this.writeUint32(array.length);
    this.behind.push(array);
  }
}

class Reader extends DefaultDeserializer {
  private read = 0;

  constructor(
    head: Uint8Array,
    private readonly behind: Uint8Array,
  ) {
    super(head);
  }

  _readHostObject(): unknown {
    if (this.readUint32() === WITHIN) {
      return (DefaultDeserializer.prototype as unknown as HostObjects)._readHostObject.call(this);
    }
    const length = this.readUint32();
    const array = numbersIn(Float32Array, this.behind.subarray(this.read, this.read + 4 * length));
    if (array.length < length) throw new RangeError(`Expected ${length} numbers. Received ${array.length}.`);
    this.read += array.byteLength;
    return array;
  }
}
