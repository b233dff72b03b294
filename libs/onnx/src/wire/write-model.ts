import { onnx } from 'onnx-proto';

import type { Attribute, Graph, LocalFunction, Model, Node, Tensor, ValueInfo } from '../graph/ir';
import { typeNumber } from './element-types';
import { writeFunctions } from './function-defaults';
import { isWeight, rawBytes, writeExternalTensor, writeTensor } from './tensor-proto';

const Kind = onnx.AttributeProto.AttributeType;

/** A model whose weights lie beside its graph, where they are in memory. */
export interface ModelInParts {
  /** An ONNX file that refers to the weights as external data. */
  readonly graph: Uint8Array;
  /** What the graph refers to, by the name that it has there. */
  readonly weights: readonly { readonly path: string; readonly data: Buffer }[];
}

/** Writes a model as an ONNX file. */
export function writeModel(model: Model): Uint8Array {
  return write(model, writeTensor);
}

/** Writes a model without copying its weights, however large they are. */
export function writeModelInParts(model: Model): ModelInParts {
  const weights: { path: string; data: Buffer }[] = [];
  const graph = write(model, (name, value) => {
    if (!isWeight(value)) return writeTensor(name, value);
    const path = `weights-${weights.length}`;
    weights.push({ path, data: rawBytes(value) });
    return writeExternalTensor(name, value, path);
  });
  return { graph, weights };
}

type WriteInitializer = (name: string, value: Tensor) => onnx.ITensorProto;

function write(model: Model, writeInitializer: WriteInitializer): Uint8Array {
  const writer = onnx.ModelProto.encode({
    irVersion: model.irVersion,
    opsetImport: writeOpsets(model.opsets),
    producerName: model.producer,
    producerVersion: model.producerVersion ?? '',
    metadataProps: Array.from(model.metadata, ([key, value]) => ({ key, value })),
    graph: writeGraph(model.graph, writeInitializer),
  });
  writeFunctions(
    writer,
    model.functions.map((item) => ({ item: writeFunction(item), defaults: writeAttributes(item.defaults ?? {}) })),
  );
  return writer.finish();
}

function writeOpsets(opsets: ReadonlyMap<string, number>): onnx.IOperatorSetIdProto[] {
  return Array.from(opsets, ([domain, version]) => ({ domain, version }));
}

function writeGraph(graph: Graph, writeInitializer: WriteInitializer = writeTensor): onnx.IGraphProto {
  return {
    name: graph.name,
    input: graph.inputs.map(writeValueInfo),
    output: graph.outputs.map(writeValueInfo),
    initializer: Array.from(graph.initializers, ([name, value]) => writeInitializer(name, value)),
    node: distinctlyNamed(graph.nodes).map(writeNode),
  };
}

/** ONNX Runtime takes no two nodes of one name in a graph: the later ones go without. */
function distinctlyNamed(nodes: readonly Node[]): readonly Node[] {
  const taken = new Set<string>();
  return nodes.map((node) => {
    if (!taken.has(node.name)) {
      taken.add(node.name);
      return node;
    }
    return { ...node, name: '' };
  });
}

function writeValueInfo({ name, type, dims, encoded }: ValueInfo): onnx.IValueInfoProto {
  if (type === 'other') return encoded ? { name, type: onnx.TypeProto.decode(encoded) } : { name };
  const shape = dims && {
    dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : dim === undefined ? {} : { dimParam: dim })),
  };
  return { name, type: { tensorType: { elemType: typeNumber(type), ...(shape && { shape }) } } };
}

function writeNode(node: Node): onnx.INodeProto {
  return {
    opType: node.op,
    domain: node.domain,
    name: node.name,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: writeAttributes(node.attributes),
  };
}

function writeAttributes(attributes: Node['attributes']): onnx.IAttributeProto[] {
  return Object.entries(attributes).map(([name, attribute]) => writeAttribute(name, attribute));
}

function writeAttribute(name: string, attribute: Attribute): onnx.IAttributeProto {
  switch (attribute.type) {
    case 'int':
      return { name, type: Kind.INT, i: integer(attribute.value) };
    case 'float':
      return { name, type: Kind.FLOAT, f: attribute.value };
    case 'string':
      return { name, type: Kind.STRING, s: Buffer.from(attribute.value) };
    case 'ints':
      return { name, type: Kind.INTS, ints: attribute.value.map(integer) };
    case 'floats':
      return { name, type: Kind.FLOATS, floats: [...attribute.value] };
    case 'strings':
      return { name, type: Kind.STRINGS, strings: attribute.value.map((item) => Buffer.from(item)) };
    case 'tensor':
      return { name, type: Kind.TENSOR, t: writeTensor('', attribute.value) };
    case 'graph':
      return { name, type: Kind.GRAPH, g: writeGraph(attribute.value) };
    case 'reference':
      return { name, type: attribute.kind, refAttrName: attribute.value };
    case 'opaque':
      return { ...onnx.AttributeProto.decode(attribute.value), name };
  }
}

/** Numbers hold integers up to 2^53; the one beyond that files use is the largest of all, "to the end". */
function integer(value: number): number {
  const bits = (low: number, high: number) => ({ low, high, unsigned: false }) as unknown as number;
  if (value >= 2 ** 63) return bits(-1, 0x7fffffff);
  if (value <= -(2 ** 63)) return bits(0, -0x80000000);
  return value;
}

function writeFunction(item: LocalFunction): onnx.IFunctionProto {
  return {
    domain: item.domain,
    name: item.name,
    input: [...item.inputs],
    output: [...item.outputs],
    attribute: [...item.attributes],
    opsetImport: writeOpsets(item.opsets),
    node: item.nodes.map(writeNode),
  };
}
