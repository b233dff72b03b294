import { numbersIn, RampartError } from '@rampart/core';
import { onnx } from 'onnx-proto';

import type { ElementType, Tensor, TensorData } from '../graph/ir';
import { arrayType, bytesPerElement, elementCount } from '../graph/tensor';
import { elementType, typeName, typeNumber } from './element-types';

/** Where a tensor's bytes are when they are outside of the file. */
export interface ExternalLocation {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/** Finds the bytes of a tensor that are outside of the file. */
export type ExternalData = (where: ExternalLocation, tensorName: string, byteLength: number) => Uint8Array;

/** Tensors from this many bytes on are weights: they are not copied when files are read and sessions opened. */
const LARGE = 2 ** 16;

/** Sparse constants are made dense only up to this many elements. */
const MAX_DENSE_ELEMENTS = 2 ** 24;

/** Reads a tensor and checks that its dimensions fit its data. */
export function readTensor(proto: onnx.ITensorProto, external: ExternalData): Tensor {
  const name = proto.name ?? '';
  const type = elementType(proto.dataType ?? 0);
  if (!type) throw refused(name, `its element type is ${typeName(proto.dataType ?? 0)}, which is not supported`);
  const dims = (proto.dims ?? []).map(Number);
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) throw refused(name, `its dimensions are [${dims}]`);
  const count = elementCount(dims);
  return { type, dims, data: readData(proto, name, type, dims, count, external) };
}

function readData(
  proto: onnx.ITensorProto,
  name: string,
  type: ElementType,
  dims: readonly number[],
  count: number,
  external: ExternalData,
): TensorData {
  const expect = (received: number, unit: string, wanted = count) => {
    if (received === wanted) return;
    throw refused(name, `its dimensions [${dims}] need ${wanted} ${unit}, but it has ${received}`);
  };
  if (type === 'string') {
    const strings = (proto.stringData ?? []).map(text);
    expect(strings.length, 'elements');
    return strings;
  }
  const Array_ = arrayType(type);
  const byteLength = count * bytesPerElement(type);
  const raw =
    proto.dataLocation === onnx.TensorProto.DataLocation.EXTERNAL
      ? external(readLocation(proto, name), name, byteLength)
      : proto.rawData;
  if (raw?.length) {
    expect(raw.length, 'bytes', byteLength);
    return numbersIn<TensorData>(Array_, byteLength >= LARGE ? raw : new Uint8Array(raw));
  }
  const values = typedValues(proto, type);
  expect(values.length, 'elements');
  switch (type) {
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(String(value)));
    case 'uint64':
      return BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(String(value))));
    default:
      return (Array_ as Float32ArrayConstructor).from(values as number[]);
  }
}

function typedValues(proto: onnx.ITensorProto, type: ElementType): ArrayLike<number | Long> {
  switch (type) {
    case 'float32':
      return proto.floatData ?? [];
    case 'float64':
      return proto.doubleData ?? [];
    case 'int64':
      return proto.int64Data ?? [];
    case 'uint32':
      return (proto.uint64Data ?? []).map(Number);
    case 'uint64':
      return proto.uint64Data ?? [];
    default:
      return proto.int32Data ?? [];
  }
}

function readLocation(proto: onnx.ITensorProto, name: string): ExternalLocation {
  const entries = new Map((proto.externalData ?? []).map(({ key, value }) => [key ?? '', value ?? '']));
  const location = entries.get('location');
  if (!location) throw refused(name, 'its data is outside of the file, but it does not say where');
  const number = (key: string): number | undefined => {
    const written = entries.get(key);
    if (written === undefined) return undefined;
    const value = Number(written);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw refused(name, `the ${key} of its external data is "${written}"`);
  };
  return { location, offset: number('offset') ?? 0, length: number('length') };
}

/**
 * Moves the weights of a graph to addresses that typed arrays may begin at, inside of the bytes that were decoded, which
 * are no ONNX file any more after that. In front of each lie at least eight bytes that say that it follows: the tag and
 * the length of its tensor, and its own.
 */
export function alignWeights({ initializer = [] }: onnx.IGraphProto): void {
  for (const proto of initializer ?? []) {
    const { rawData } = proto;
    const shift = rawData && rawData.length >= LARGE ? rawData.byteOffset % 8 : 0;
    if (!rawData || shift === 0) continue;
    const moved = new Uint8Array(rawData.buffer, rawData.byteOffset - shift, rawData.length);
    moved.set(rawData);
    proto.rawData = moved;
  }
}

/** Reads a sparse tensor as a dense one. */
export function readSparse(proto: onnx.ISparseTensorProto, external: ExternalData): { name: string; value: Tensor } {
  const values = readTensor(proto.values ?? {}, external);
  const indices = readTensor(proto.indices ?? {}, external);
  const name = proto.values?.name ?? '';
  const dims = (proto.dims ?? []).map(Number);
  const count = elementCount(dims);
  if (values.type === 'string' || indices.type !== 'int64') throw refused(name, 'it is sparse and of unknown form');
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0) || count > MAX_DENSE_ELEMENTS) {
    throw refused(name, `it is sparse with dimensions [${dims}]; at most ${MAX_DENSE_ELEMENTS} elements are supported`);
  }
  const data = new (arrayType(values.type))(count);
  const places = indices.data as BigInt64Array;
  const width = indices.dims.length === 2 ? dims.length : 1;
  for (let i = 0; i < values.data.length; i++) {
    let place = 0;
    for (let k = 0; k < width; k++) place = place * (width === 1 ? 1 : dims[k]!) + Number(places[i * width + k] ?? -1);
    if (!(place >= 0 && place < count)) throw refused(name, 'it is sparse with an index outside of its dimensions');
    data[place] = values.data[i] as never;
  }
  return { name, value: { type: values.type, dims, data } };
}

/** Writes a tensor, its elements as raw bytes. */
export function writeTensor(name: string, value: Tensor): onnx.ITensorProto {
  const proto: onnx.ITensorProto = { name, dataType: typeNumber(value.type), dims: [...value.dims] };
  const { data } = value;
  if (ArrayBuffer.isView(data)) proto.rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  else proto.stringData = data.map((item) => Buffer.from(item));
  return proto;
}

/** Whether a tensor is so large that it is handed over beside the graph, not in it. */
export function isWeight({ data }: Tensor): boolean {
  return ArrayBuffer.isView(data) && data.byteLength >= LARGE;
}

/** The bytes of a tensor of numbers, without a copy. */
export function rawBytes({ data }: Tensor): Buffer {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Writes a tensor whose bytes are all of another file. */
export function writeExternalTensor(name: string, { type, dims }: Tensor, location: string): onnx.ITensorProto {
  return {
    ...{ name, dataType: typeNumber(type), dims: [...dims] },
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: [{ key: 'location', value: location }],
  };
}

/** A UTF-8 string of the wire. */
export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function refused(name: string, reason: string): RampartError {
  return new RampartError({ code: 'bad-model', message: `The tensor "${name}" cannot be read: ${reason}.` });
}

type Long = { toString(): string };
