import { RampartError } from '@rampart/core';

import type { ElementType, Tensor, TensorData } from './ir';

type NumericType = Exclude<ElementType, 'string'>;
type NumericData = Exclude<TensorData, readonly string[]>;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** The typed array that holds elements of a type. */
export function arrayType<T extends NumericType>(type: T): (typeof ARRAYS)[T] {
  return ARRAYS[type];
}

/** Bytes that one element takes; 0 for strings. */
export function bytesPerElement(type: ElementType): number {
  return type === 'string' ? 0 : ARRAYS[type].BYTES_PER_ELEMENT;
}

/** The product of dimensions. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** True for the types that a gradient can flow through. */
export function isFloat(type: ElementType | 'other'): boolean {
  return type === 'float32' || type === 'float64' || type === 'float16' || type === 'bfloat16';
}

/**
 * A tensor of any type.
 * @throws RampartError `bad-data` when the dimensions do not fit the number of elements
 */
export function tensor(type: ElementType, dims: readonly number[], data: TensorData): Tensor {
  if (dims.some((dim) => !Number.isInteger(dim) || dim < 0) || elementCount(dims) !== data.length) {
    throw new RampartError({
      code: 'bad-data',
      message: `A tensor of dimensions [${dims.join(', ')}] has ${elementCount(dims)} elements. Received ${data.length}.`,
    });
  }
  return { type, dims, data };
}

/** A float32 tensor; a Float32Array is taken without a copy. */
export function float32Tensor(dims: readonly number[], data: Float32Array | readonly number[]): Tensor {
  return tensor('float32', dims, data instanceof Float32Array ? data : Float32Array.from(data));
}

/** A float64 tensor; a Float64Array is taken without a copy. */
export function float64Tensor(dims: readonly number[], data: Float64Array | readonly number[]): Tensor {
  return tensor('float64', dims, data instanceof Float64Array ? data : Float64Array.from(data));
}

/** An int64 tensor from plain numbers. */
export function int64Tensor(dims: readonly number[], numbers: ArrayLike<number>): Tensor {
  return tensor('int64', dims, BigInt64Array.from(Array.from(numbers), toInt64));
}

/** A one-dimensional int64 tensor: axes, shapes, paddings. */
export function int64Vector(numbers: readonly number[]): Tensor {
  return int64Tensor([numbers.length], numbers);
}

/** An int32 tensor; an Int32Array is taken without a copy. */
export function int32Tensor(dims: readonly number[], data: Int32Array | readonly number[]): Tensor {
  return tensor('int32', dims, data instanceof Int32Array ? data : Int32Array.from(data));
}

/** A bool tensor. */
export function boolTensor(dims: readonly number[], values: readonly boolean[]): Tensor {
  return tensor('bool', dims, Uint8Array.from(values, Number));
}

/** A tensor of no dimensions. */
export function scalar(value: number, type: NumericType = 'float32'): Tensor {
  return filled(type, [], value);
}

/** A tensor whose elements are all the same. */
export function filled(type: NumericType, dims: readonly number[], value: number): Tensor {
  return tensor(
    type,
    dims,
    encode(
      type,
      Array.from({ length: elementCount(dims) }, () => value),
    ),
  );
}

/** A tensor of any numeric type from plain numbers, rounded to that type. */
export function numericTensor(type: NumericType, dims: readonly number[], values: readonly number[]): Tensor {
  return tensor(type, dims, encode(type, values));
}

function encode(type: NumericType, values: readonly number[]): NumericData {
  switch (type) {
    case 'int64':
      return BigInt64Array.from(values, toInt64);
    case 'uint64':
      return BigUint64Array.from(values, (value) => BigInt(Math.trunc(value)));
    case 'float16':
      return Uint16Array.from(values, toFloat16);
    case 'bfloat16':
      return Uint16Array.from(values, toBfloat16);
    case 'bool':
      return Uint8Array.from(values, (value) => Number(value !== 0));
    default:
      return ARRAYS[type].from(values as number[]);
  }
}

/**
 * The elements as plain numbers; 64-bit integers beyond 2^53 are rounded.
 * @throws RampartError `bad-model` for strings
 */
export function toNumbers(value: Tensor): number[] {
  switch (value.type) {
    case 'string':
      throw new RampartError({ code: 'bad-model', message: 'Expected a tensor of numbers. Received strings.' });
    case 'float16':
      return Array.from(value.data as Uint16Array, fromFloat16);
    case 'bfloat16':
      return Array.from(value.data as Uint16Array, fromBfloat16);
    default:
      return Array.from(value.data as ArrayLike<number | bigint>, Number);
  }
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** The nearest 64-bit integer: the largest one for anything beyond it, as "to the end" is often written. */
export function toInt64(value: number): bigint {
  if (value >= 2 ** 63) return INT64_MAX;
  if (value <= -(2 ** 63)) return INT64_MIN;
  return BigInt(Math.trunc(value));
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The bits of the nearest half-precision float, ties to even. */
export function toFloat16(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(scratch[0]!);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below 2^-14 halves are evenly spaced by 2^-24; above, by 2^-10 of their power of two.
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude || 2 ** -14)));
  const scaled = roundHalfEven(magnitude / 2 ** (exponent - 10));
  return sign | (scaled + Math.max(0, exponent + 14) * 1024);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The value of a half-precision float's bits. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function toBfloat16(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function fromBfloat16(bits: number): number {
  scratchBits[0] = bits << 16;
  return scratch[0]!;
}
