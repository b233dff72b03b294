import { isRampartError } from '@rampart/core';
import {
  type Attribute,
  float32Tensor,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  toNumbers,
} from '@rampart/onnx';

/** Numbers of ONNX's TensorProto.DataType. */
const [FLOAT32, FLOAT64] = [1, 11];

/** Attributes that name an element type. */
const TYPES = new Set(['to', 'dtype']);

/** Whether it is for its float64 that ONNX Runtime refuses a model: it has no kernels for all of it. */
export function lacksFloat64(model: Model, error: unknown): boolean {
  return isRampartError(error) && /NOT_IMPLEMENTED|find an implementation/i.test(error.message) && hasFloat64(model);
}

/** Whether anything in a model's graph is of float64. */
function hasFloat64({ graph }: Model): boolean {
  return (
    [...graph.inputs, ...graph.outputs, ...graph.initializers.values()].some(({ type }) => type === 'float64') ||
    graph.nodes.some(({ attributes }) => Object.entries(attributes).some(([name, one]) => isFloat64(name, one)))
  );
}

function isFloat64(name: string, { type, value }: Attribute): boolean {
  return type === 'int' && TYPES.has(name) && value === FLOAT64;
}

/** The model with float32 in place of float64: for what ONNX Runtime has no kernels for. */
export function inFloat32(model: Model): Model {
  return { ...model, graph: graphInFloat32(model.graph) };
}

function graphInFloat32(graph: Graph): Graph {
  const info = <T extends { readonly type: string }>(of: T): T =>
    of.type === 'float64' ? { ...of, type: 'float32' } : of;
  return {
    ...graph,
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
    initializers: new Map([...graph.initializers].map(([name, value]) => [name, tensorInFloat32(value)])),
    nodes: graph.nodes.map((node): Node => ({
      ...node,
      attributes: Object.fromEntries(
        Object.entries(node.attributes).map(([name, attribute]) => [name, attributeInFloat32(name, attribute)]),
      ),
    })),
  };
}

function attributeInFloat32(name: string, attribute: Attribute): Attribute {
  if (isFloat64(name, attribute)) return { type: 'int', value: FLOAT32 };
  if (attribute.type === 'tensor') return { type: 'tensor', value: tensorInFloat32(attribute.value) };
  if (attribute.type === 'graph') return { type: 'graph', value: graphInFloat32(attribute.value) };
  return attribute;
}

function tensorInFloat32(value: Tensor): Tensor {
  return value.type === 'float64' ? float32Tensor(value.dims, toNumbers(value)) : value;
}
