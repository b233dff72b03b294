import { RampartError } from '@rampart/core';

/** The content of a NumPy .npy file, row-major. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** NumPy's name of the element type: `|u1`, `<f4`. */
  readonly type: string;
  readonly data: ArrayLike<number>;
}

/** How elements of each type are read; 64-bit integers become numbers. */
const TYPES: Readonly<Record<string, { bytes: number; read(buffer: ArrayBuffer): ArrayLike<number> }>> = {
  '|b1': { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
  '|u1': { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
  '|i1': { bytes: 1, read: (buffer) => new Int8Array(buffer) },
  '<u2': { bytes: 2, read: (buffer) => new Uint16Array(buffer) },
  '<i2': { bytes: 2, read: (buffer) => new Int16Array(buffer) },
  '<u4': { bytes: 4, read: (buffer) => new Uint32Array(buffer) },
  '<i4': { bytes: 4, read: (buffer) => new Int32Array(buffer) },
  '<u8': { bytes: 8, read: (buffer) => Float64Array.from(new BigUint64Array(buffer), Number) },
  '<i8': { bytes: 8, read: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number) },
  '<f4': { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  '<f8': { bytes: 8, read: (buffer) => new Float64Array(buffer) },
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads the bytes of a .npy file of versions 1 to 3. Every header field and the length are checked.
 * @param file the file's name, for messages
 * @throws RampartError `bad-data` that names the file, what was expected and what was received
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const version = bytes[6];
  const prefix = version === 1 ? 10 : 12;
  if (bytes.length < prefix || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw damaged(file, 'a NumPy file, which begins with \\x93NUMPY', `${bytes.length} bytes that do not`);
  }
  if (version !== 1 && version !== 2 && version !== 3) throw damaged(file, 'format version 1, 2 or 3', `${version}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = prefix + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) throw damaged(file, `a header of ${start} bytes`, `${bytes.length} bytes`);
  const header = new TextDecoder().decode(bytes.subarray(prefix, start)).trim();
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dims = /'shape':\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (type === undefined || order === undefined || dims === undefined) {
    throw damaged(file, "a header with 'descr', 'fortran_order' and 'shape'", header.slice(0, 120));
  }
  const format = TYPES[type];
  if (!format) {
    throw damaged(
      file,
      `elements of one of the types ${Object.keys(TYPES).join(', ')}`,
      `${type}; convert with astype`,
    );
  }
  if (order === 'True')
    throw damaged(file, 'row-major data', 'column-major data; convert with numpy.ascontiguousarray');
  const shape = dims.split(',').flatMap((dim) => (dim.trim() === '' ? [] : [Number.parseInt(dim, 10)]));
  const expected = shape.reduce((product, dim) => product * dim, 1) * format.bytes;
  const received = bytes.length - start;
  if (received !== expected) {
    const size = `${expected} bytes of data, as its shape (${shape.join(', ')}) and type ${type} say`;
    throw damaged(file, size, `${received}: the file is ${received < expected ? 'cut short' : 'too long'}`);
  }
  // A copy, since the data need not be aligned to the size of its elements.
  return { shape, type, data: format.read(new Uint8Array(bytes.subarray(start)).buffer) };
}

function damaged(file: string, expected: string, received: string): RampartError {
  return new RampartError({ code: 'bad-data', message: `${file}: expected ${expected}. Received ${received}.` });
}
