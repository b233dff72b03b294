import { isRampartError } from '@rampart/core';
import {
  type Attribute,
  type ElementType,
  float32Tensor,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  toNumbers,
} from '@rampart/onnx';

/** Floats that are not float32, by their numbers in ONNX's TensorProto.DataType. A model in normal form has no others. */
const OTHERS = { float16: 10, float64: 11 } as const;
const FLOAT32 = 1;

type OtherFloat = keyof typeof OTHERS;

/** Attributes that name an element type. */
const TYPES = new Set(['to', 'dtype']);

/** Whether it is for its float64 that ONNX Runtime refuses a model: it has no kernels for all of it. */
export function lacksFloat64(model: Model, error: unknown): boolean {
  return (
    isRampartError(error) &&
    /NOT_IMPLEMENTED|find an implementation/i.test(error.message) &&
    inFloat32(model, ['float64']) !== model
  );
}

/**
 * The model with float32 in place of other floats: for what ONNX Runtime has no kernels for, and for weights that are
 * trained. The same model where it has none of these.
 */
export function inFloat32(model: Model, others: readonly OtherFloat[] = ['float16', 'float64']): Model {
  const copy = new Float32Copy(others);
  const graph = copy.ofGraph(model.graph);
  return copy.differs ? { ...model, graph } : model;
}

class Float32Copy {
  /** Whether anything was of one of the types. */
  differs = false;

  constructor(private readonly others: readonly ElementType[]) {}

  ofGraph(graph: Graph): Graph {
    return {
      ...graph,
      inputs: graph.inputs.map((info) => this.ofInfo(info)),
      outputs: graph.outputs.map((info) => this.ofInfo(info)),
      initializers: new Map([...graph.initializers].map(([name, value]) => [name, this.ofTensor(value)])),
      nodes: graph.nodes.map((node): Node => ({
        ...node,
        attributes: Object.fromEntries(
          Object.entries(node.attributes).map(([name, attribute]) => [name, this.ofAttribute(name, attribute)]),
        ),
      })),
    };
  }

  private isOther(type: string): boolean {
    const found = this.others.some((other) => other === type);
    this.differs ||= found;
    return found;
  }

  private ofInfo<T extends { readonly type: string }>(info: T): T {
    return this.isOther(info.type) ? { ...info, type: 'float32' } : info;
  }

  private ofAttribute(name: string, attribute: Attribute): Attribute {
    if (attribute.type === 'tensor') return { type: 'tensor', value: this.ofTensor(attribute.value) };
    if (attribute.type === 'graph') return { type: 'graph', value: this.ofGraph(attribute.value) };
    if (attribute.type !== 'int' || !TYPES.has(name)) return attribute;
    const named = Object.entries(OTHERS).find(([, number]) => number === attribute.value);
    return named && this.isOther(named[0]) ? { type: 'int', value: FLOAT32 } : attribute;
  }

  private ofTensor(value: Tensor): Tensor {
    return this.isOther(value.type) ? float32Tensor(value.dims, toNumbers(value)) : value;
  }
}
