import type { GraphBuilder } from '../graph/builder';
import type { ElementType, Node, Tensor } from '../graph/ir';
import { float32Tensor, toNumbers } from '../graph/tensor';
import type { ValueType, ValueTypes } from '../graph/value-types';

/** The element type of a value's gradient: float32, unless the value has more. */
export function gradientType(type: ElementType): ElementType {
  return type === 'float64' ? type : 'float32';
}

/** True for floats of which a gradient would be rounded too much: their gradients are of float32. */
export function isHalf(type: ElementType): boolean {
  return type === 'float16' || type === 'bfloat16';
}

/** The same types, with float32 for halves: those of the gradients. */
export function widened(types: ValueTypes): ValueTypes {
  if (![...types.values.values()].some(({ type }) => isHalf(type))) return types;
  const values = new Map([...types.values].map(([name, value]) => [name, wide(value)]));
  return { ...types, values };
}

function wide(value: ValueType): ValueType {
  return isHalf(value.type) ? { ...value, type: 'float32' } : value;
}

/** Integers and halves of a model as float32. */
export class AsFloats {
  private readonly values: Map<string, ValueType>;
  private readonly constants: Map<string, Tensor>;
  private readonly made = new Map<string, string>();

  constructor(
    private readonly from: ValueTypes,
    private readonly builder: GraphBuilder,
  ) {
    this.values = new Map(from.values);
    this.constants = new Map(from.constants);
  }

  get types(): ValueTypes {
    return { ...this.from, values: this.values, constants: this.constants };
  }

  of(name: string): string {
    const known = this.values.get(name);
    if (!known || known.type === 'float32' || known.type === 'float64') return name;
    const before = this.made.get(name);
    if (before !== undefined) return before;
    const floats = this.builder.node('Cast', [name], { to: 1 }, { name: 'gradient/Cast' });
    this.values.set(floats, { type: 'float32', dims: known.dims });
    this.made.set(name, floats);
    const constant = this.constants.get(name) ?? this.from.model.graph.initializers.get(name);
    if (constant) this.constants.set(floats, float32Tensor(constant.dims, toNumbers(constant)));
    return floats;
  }

  /** The same node on floats: a rule may ask it for more outputs. */
  repeated(node: Node, inputs: readonly string[]): Node {
    const outputs = node.outputs.map((name) => (name === '' ? '' : this.builder.reserve(`gradient/${node.op}`)));
    const twin = { ...node, name: '', inputs, outputs };
    this.builder.append(twin);
    outputs.forEach((name, i) => {
      const known = this.values.get(node.outputs[i]!);
      if (!known) return;
      const picked = i === 0 || node.op === 'Split';
      this.values.set(name, picked ? { ...known, type: gradientType(known.type) } : wide(known));
    });
    return twin;
  }

  /** A value less its zero point, where it has one. */
  less(name: string, zero: string): string {
    const value = this.of(name);
    if (zero === '') return value;
    const result = this.builder.node('Sub', [value, this.of(zero)], {}, { name: 'gradient/Sub' });
    this.values.set(result, this.values.get(value)!);
    return result;
  }
}

/** A node that computes with halves, on float32; any other node as it is. */
export function onFloats(node: Node, types: ValueTypes, floats: AsFloats): Node {
  const half = (name: string) => isHalf(types.values.get(name)?.type ?? 'string');
  if (!node.inputs.some(half) && !node.outputs.some(half)) return node;
  return floats.repeated(
    node,
    node.inputs.map((name) => (half(name) ? floats.of(name) : name)),
  );
}
