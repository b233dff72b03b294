import { bytesOf, numbersIn } from './content-key';
import { RampartError } from './error';

export type NpyData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** An array in NumPy's file format, row-major. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: NpyData;
}

/** What the head of a file says. */
export interface NpyHeader {
  readonly shape: readonly number[];
  /** NumPy's name of the type: `<f4`. */
  readonly type: string;
  readonly bytesPerElement: number;
  /** Where the elements begin. */
  readonly offset: number;
}

const TYPES = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
  '<i2': Int16Array,
  '<u2': Uint16Array,
  '<i4': Int32Array,
  '<u4': Uint32Array,
  '<i8': BigInt64Array,
  '<u8': BigUint64Array,
  '|b1': Uint8Array,
} as const;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const HEADER =
  /^\{\s*'descr':\s*'([^']*)',\s*'fortran_order':\s*(True|False)\s*,\s*'shape':\s*\(([\d,\s]*)\),?\s*\}\s*$/;

/**
 * The bytes of a .npy file, format version 1.0.
 * @param data row-major
 * @throws RampartError `bad-data` when the shape does not have as many elements as the data
 */
export function encodeNpy(data: NpyData, shape: readonly number[]): Uint8Array {
  const type = Object.entries(TYPES).find(([, constructor]) => data.constructor.name === constructor.name)?.[0];
  if (type === undefined) throw bad(`Arrays of type ${data.constructor.name} cannot be written as .npy`);
  const elements = elementsOf(shape);
  if (elements !== data.length) {
    throw bad(`The shape [${shape.join(', ')}] has ${elements} elements and the data ${data.length}`);
  }
  const { bytes, offset } = begun(type, shape, data.byteLength);
  bytes.set(bytesOf(data), offset);
  return bytes;
}

/**
 * A .npy file of float32 zeros, to be filled in place: there is no second copy of its elements.
 * @returns the file, and its elements as a view into it
 */
export function emptyNpy(shape: readonly number[]): { readonly bytes: Uint8Array; readonly data: Float32Array } {
  const elements = elementsOf(shape);
  const { bytes, offset } = begun('<f4', shape, elements * Float32Array.BYTES_PER_ELEMENT);
  return { bytes, data: new Float32Array(bytes.buffer, offset, elements) };
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A file with its head, and room for the elements. */
function begun(type: string, shape: readonly number[], bytesOfData: number) {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // The elements begin at a multiple of 64 bytes, as the format asks.
  const offset = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(offset + bytesOfData);
  bytes.set(MAGIC);
  bytes.set([1, 0, (offset - 10) & 0xff, (offset - 10) >> 8], 6);
  bytes.set(Buffer.from(`${text.padEnd(offset - 11)}\n`, 'latin1'), 10);
  return { bytes, offset };
}

/**
 * Reads the head of a .npy file, format version 1 to 3.
 * @param bytes the file, or at least its beginning
 * @param file what messages call it
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws RampartError `bad-data` when it is no .npy file, or one of a kind that is not supported
 */
export function readNpyHeader(bytes: Uint8Array, file?: string): NpyHeader {
  const bad = badFile(file);
  if (bytes.length < 10 || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw bad('Not a .npy file: it does not begin with "\\x93NUMPY"');
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw bad(`A .npy file of version ${version}; versions 1 to 3 are supported`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const length = bytes.length < start ? Infinity : version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) throw bad('The .npy file is cut off inside its head');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('utf8');
  const match = HEADER.exec(text);
  if (!match) throw bad(`The head of the .npy file cannot be read: ${JSON.stringify(text.trim().slice(0, 200))}`);
  const [, type, fortran, sizes] = match as unknown as [string, string, string, string];
  if (!(type in TYPES)) {
    throw bad(
      `A .npy file of type ${JSON.stringify(type)}; supported: ${Object.keys(TYPES).join(', ')}. Save it with astype("<f4")`,
    );
  }
  if (fortran === 'True') {
    throw bad('A .npy file in column-major order. Save it with numpy.ascontiguousarray');
  }
  const shape = sizes
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  const bytesPerElement = TYPES[type as keyof typeof TYPES].BYTES_PER_ELEMENT;
  return { shape, type, bytesPerElement, offset: start + length };
}

/**
 * Reads a .npy file: little-endian numbers, or truth values as 0 and 1, in row-major order. Where they can, they stay in
 * the memory of `bytes`.
 * @param file what messages call it
 * @throws RampartError `bad-data` when it is no such file, is cut off, or has bytes to spare
 */
export function decodeNpy(bytes: Uint8Array, file?: string): NpyArray {
  const { shape, type, bytesPerElement, offset } = readNpyHeader(bytes, file);
  const elements = elementsOf(shape);
  const expected = offset + elements * bytesPerElement;
  if (bytes.length !== expected) {
    throw badFile(file)(
      `The .npy file of shape [${shape.join(', ')}] and type ${type} should have ${expected} bytes and has ${bytes.length}: it is ${bytes.length < expected ? 'cut short' : 'too long'}`,
    );
  }
  return { shape, data: numbersIn<NpyData>(TYPES[type as keyof typeof TYPES], bytes.subarray(offset)) };
}

/**
 * Reads a .npy file of one type.
 * @throws RampartError `bad-data` as `decodeNpy`, and when the type is another
 */
export function decodeNpyFloat32(bytes: Uint8Array): {
  readonly shape: readonly number[];
  readonly data: Float32Array;
} {
  const { shape, data } = decodeNpy(bytes);
  if (!(data instanceof Float32Array))
    throw bad(`Expected a .npy file of float32 (<f4). Received: ${data.constructor.name}`);
  return { shape, data };
}

/** Its elements as numbers; 64-bit integers beyond 2^53 lose their last digits. */
export function npyNumbers({ data }: NpyArray): Exclude<NpyData, BigInt64Array | BigUint64Array> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
}

function badFile(file: string | undefined): (reason: string) => RampartError {
  return (reason) => bad(file === undefined ? reason : `${file}: ${reason}`);
}

function bad(reason: string): RampartError {
  return new RampartError({ code: 'bad-data', message: `${reason}.` });
}
