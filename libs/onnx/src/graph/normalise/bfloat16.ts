import type { Attribute, Graph, Model, Node, Tensor, ValueInfo } from '../ir';
import { float32Tensor, toNumbers } from '../tensor';

/** ONNX's numbers for the types. */
const [FLOAT, BFLOAT16] = [1, 16];

/**
 * The model with float32 in the place of bfloat16, of which every number is one; ONNX Runtime's CPU build computes with
 * bfloat16 in next to no operator. The same model where there is none.
 */
export function withoutBfloat16(model: Model): Model {
  if (!usesBfloat16(model.graph) && !model.functions.some(({ nodes }) => nodes.some(nodeUses))) return model;
  return {
    ...model,
    graph: graphOf(model.graph),
    functions: model.functions.map((item) => ({ ...item, nodes: item.nodes.map(nodeOf) })),
  };
}

function usesBfloat16({ inputs, outputs, initializers, nodes }: Graph): boolean {
  const is = ({ type }: { readonly type: string }) => type === 'bfloat16';
  return inputs.some(is) || outputs.some(is) || [...initializers.values()].some(is) || nodes.some(nodeUses);
}

function nodeUses({ attributes }: Node): boolean {
  return Object.entries(attributes).some(([name, attribute]) => {
    if (attribute.type === 'graph') return usesBfloat16(attribute.value);
    if (attribute.type === 'tensor') return attribute.value.type === 'bfloat16';
    return namesType(name) && attribute.type === 'int' && attribute.value === BFLOAT16;
  });
}

const namesType = (attribute: string) => attribute === 'to' || attribute === 'dtype' || attribute === 'output_dtype';

function graphOf(graph: Graph): Graph {
  const info = (value: ValueInfo): ValueInfo => (value.type === 'bfloat16' ? { ...value, type: 'float32' } : value);
  return {
    ...graph,
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
    initializers: new Map([...graph.initializers].map(([name, value]) => [name, tensorOf(value)])),
    nodes: graph.nodes.map(nodeOf),
  };
}

function nodeOf(node: Node): Node {
  if (!nodeUses(node)) return node;
  const attributes = Object.entries(node.attributes).map(([name, item]): [string, Attribute] => [
    name,
    attributeOf(name, item),
  ]);
  return { ...node, attributes: Object.fromEntries(attributes) };
}

function attributeOf(name: string, attribute: Attribute): Attribute {
  if (attribute.type === 'graph') return { type: 'graph', value: graphOf(attribute.value) };
  if (attribute.type === 'tensor') return { type: 'tensor', value: tensorOf(attribute.value) };
  if (attribute.type === 'int' && namesType(name) && attribute.value === BFLOAT16) return { type: 'int', value: FLOAT };
  return attribute;
}

function tensorOf(value: Tensor): Tensor {
  return value.type === 'bfloat16' ? float32Tensor(value.dims, toNumbers(value)) : value;
}
