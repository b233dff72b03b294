import { messageOf, isRampartError, RampartError } from '@rampart/core';
import { onnx } from 'onnx-proto';

import type { Attribute, Dimension, Graph, LocalFunction, Model, Node, Tensor, ValueInfo } from '../graph/ir';
import { validate } from '../graph/validate';
import { elementType } from './element-types';
import { readFunctionDefaults } from './function-defaults';
import { otherFormat } from './other-format';
import { alignWeights, type ExternalData, readSparse, readTensor, text } from './tensor-proto';

const Kind = onnx.AttributeProto.AttributeType;

export interface ReadOptions {
  /** Finds data that the file keeps outside of itself; without it such a file is refused. */
  readonly external?: ExternalData;
  /** Whether the bytes are the model's to change from now on, so that its weights stay where they are in them. */
  readonly owned?: boolean;
}

/** Files of more bytes are read once for all who read the same bytes. */
const SHARED_FROM = 2 ** 24;

const known = new WeakMap<Uint8Array, Model>();

/**
 * Reads an ONNX file. Its bytes must not change any more: weights that happen to be aligned in them are not copied, and of
 * large files the same bytes give the same model.
 * @throws RampartError `bad-model` that says what is wrong, for anything that is no valid ONNX model
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Model {
  const read = known.get(bytes) ?? decode(bytes, options);
  if (bytes.length > SHARED_FROM && !options.external) known.set(bytes, read);
  return read;
}

function decode(bytes: Uint8Array, { external = refuseExternal, owned = false }: ReadOptions): Model {
  if (bytes.length === 0)
    throw new RampartError({ code: 'bad-model', message: 'An ONNX model is expected. Received an empty file.' });
  try {
    const proto = onnx.ModelProto.decode(bytes);
    if (owned && proto.graph) alignWeights(proto.graph);
    const model = toModel(proto, external, bytes);
    validate(model);
    return model;
  } catch (error) {
    const other = otherFormat(bytes);
    if (other !== undefined)
      throw new RampartError({ code: 'bad-model', message: `This is no ONNX model: it is ${other}.`, cause: error });
    if (isRampartError(error)) throw error;
    // What the decoder says there is of its own reading.
    const why = /^index out of range/.test(messageOf(error)) ? 'it breaks off before its end' : messageOf(error);
    throw new RampartError({
      code: 'bad-model',
      message: `This is no ONNX model, or a damaged one: ${why}. Received ${bytes.length} bytes.`,
      cause: error,
    });
  }
}

/**
 * Reads one tensor in ONNX's wire format, as files of test data hold them.
 * @throws RampartError `bad-model` for anything else
 */
export function readTensorFile(bytes: Uint8Array): Tensor {
  try {
    return readTensor(onnx.TensorProto.decode(bytes), refuseExternal);
  } catch (error) {
    if (isRampartError(error)) throw error;
    throw new RampartError({
      code: 'bad-model',
      message: `This is no ONNX tensor: ${messageOf(error)}.`,
      cause: error,
    });
  }
}

function refuseExternal(where: { readonly location: string }, name: string): never {
  throw new RampartError({
    code: 'bad-model',
    message: `The data of tensor "${name}" is outside of the model, in "${where.location}". Read the model by its path, so that the file beside it is found.`,
  });
}

function toModel(proto: onnx.ModelProto, external: ExternalData, bytes: Uint8Array): Model {
  if (!proto.graph) throw new RampartError({ code: 'bad-model', message: 'This is no ONNX model: it has no graph.' });
  const opsets = readOpsets(proto.opsetImport);
  if (opsets.size === 0) {
    throw new RampartError({ code: 'bad-model', message: 'This is no ONNX model: it names no operator set.' });
  }
  const defaults = proto.functions.length > 0 ? readFunctionDefaults(bytes) : [];
  return {
    irVersion: Number(proto.irVersion),
    opsets,
    producer: proto.producerName,
    producerVersion: proto.producerVersion,
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key ?? '', value ?? ''])),
    graph: readGraph(proto.graph, external),
    functions: proto.functions.map((item, i) => readFunction(item, defaults[i] ?? [], external)),
  };
}

function readOpsets(entries: readonly onnx.IOperatorSetIdProto[]): Map<string, number> {
  return new Map(entries.map(({ domain, version }) => [readDomain(domain), Number(version ?? 0)]));
}

// "ai.onnx" is another name of the default domain.
function readDomain(domain: string | null | undefined): string {
  return !domain || domain === 'ai.onnx' ? '' : domain;
}

function readGraph(proto: onnx.IGraphProto, external: ExternalData): Graph {
  const initializers = new Map<string, Tensor>();
  for (const item of proto.initializer ?? []) initializers.set(item.name ?? '', readTensor(item, external));
  for (const item of proto.sparseInitializer ?? []) {
    const { name, value } = readSparse(item, external);
    initializers.set(name, value);
  }
  return {
    name: proto.name ?? '',
    inputs: (proto.input ?? []).map(readValueInfo),
    outputs: (proto.output ?? []).map(readValueInfo),
    initializers,
    nodes: (proto.node ?? []).map((node) => readNode(node, external)),
  };
}

function readValueInfo(proto: onnx.IValueInfoProto): ValueInfo {
  const name = proto.name ?? '';
  const type = proto.type?.tensorType ? elementType(proto.type.tensorType.elemType ?? 0) : undefined;
  if (!type) {
    if (!proto.type) return { name, type: 'other', dims: undefined };
    return { name, type: 'other', dims: undefined, encoded: onnx.TypeProto.encode(proto.type).finish() };
  }
  return { name, type, dims: proto.type?.tensorType?.shape?.dim?.map(readDimension) ?? undefined };
}

function readDimension(proto: onnx.TensorShapeProto.IDimension): Dimension {
  if (proto.dimParam) return proto.dimParam;
  const value = Number(proto.dimValue ?? -1);
  const given = 'dimValue' in proto && Object.hasOwn(proto, 'dimValue');
  return given && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function readNode(proto: onnx.INodeProto, external: ExternalData): Node {
  return {
    op: proto.opType ?? '',
    domain: readDomain(proto.domain),
    name: proto.name ?? '',
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    attributes: readAttributes(proto.attribute ?? [], external),
  };
}

function readAttributes(
  protos: readonly onnx.IAttributeProto[],
  external: ExternalData,
): Readonly<Record<string, Attribute>> {
  return Object.fromEntries(protos.map((item) => [item.name ?? '', readAttribute(item, external)]));
}

function readAttribute(proto: onnx.IAttributeProto, external: ExternalData): Attribute {
  const kind = proto.type || inferKind(proto);
  if (proto.refAttrName) return { type: 'reference', value: proto.refAttrName, kind };
  switch (kind) {
    case Kind.INT:
      return { type: 'int', value: Number(proto.i ?? 0) };
    case Kind.FLOAT:
      return { type: 'float', value: proto.f ?? 0 };
    case Kind.STRING:
      return { type: 'string', value: text(proto.s ?? new Uint8Array()) };
    case Kind.INTS:
      return { type: 'ints', value: (proto.ints ?? []).map(Number) };
    case Kind.FLOATS:
      return { type: 'floats', value: proto.floats ?? [] };
    case Kind.STRINGS:
      return { type: 'strings', value: (proto.strings ?? []).map(text) };
    case Kind.TENSOR:
      return { type: 'tensor', value: readTensor(proto.t ?? {}, external) };
    case Kind.GRAPH:
      return { type: 'graph', value: readGraph(proto.g ?? {}, external) };
    default:
      return { type: 'opaque', value: onnx.AttributeProto.encode(proto).finish() };
  }
}

/** Files of the first IR versions do not say which field of an attribute is meant. */
function inferKind(proto: onnx.IAttributeProto): number {
  if (proto.t) return Kind.TENSOR;
  if (proto.g) return Kind.GRAPH;
  if (proto.floats?.length) return Kind.FLOATS;
  if (proto.ints?.length) return Kind.INTS;
  if (proto.strings?.length) return Kind.STRINGS;
  if (Object.hasOwn(proto, 'f')) return Kind.FLOAT;
  if (Object.hasOwn(proto, 's')) return Kind.STRING;
  return Kind.INT;
}

function readFunction(
  proto: onnx.IFunctionProto,
  defaults: readonly onnx.IAttributeProto[],
  external: ExternalData,
): LocalFunction {
  return {
    domain: readDomain(proto.domain),
    name: proto.name ?? '',
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    attributes: proto.attribute ?? [],
    ...(defaults.length > 0 && { defaults: readAttributes(defaults, external) }),
    opsets: readOpsets(proto.opsetImport ?? []),
    nodes: (proto.node ?? []).map((node) => readNode(node, external)),
  };
}
