import type { Graph, Node, Tensor, ValueType, ValueTypes } from '@rampart/onnx';

import type { Range } from './range';

/** What only moves values about, so that the order of classes stays. */
const TRANSPARENT = new Set(['Identity', 'Cast', 'Dropout', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze']);

/** A model as it is read backwards, from what it returns to what that is made of. */
export class Reading {
  /** What is known of values' bounds. */
  readonly ranges = new Map<string, Range>();
  private readonly producers = new Map<string, Node>();

  /** @param around what a branch is read within, whose values it may take; left out for the graph itself */
  constructor(
    readonly types: ValueTypes,
    private readonly graph: Graph = types.model.graph,
    private readonly around?: Reading,
  ) {
    for (const node of graph.nodes) for (const name of node.outputs) this.producers.set(name, node);
  }

  /** A branch of one of its nodes, read in the same way. */
  inside(branch: Graph): Reading {
    return new Reading(this.types, branch, this);
  }

  producer(value: string): Node | undefined {
    return this.producers.get(value) ?? this.around?.producer(value);
  }

  /** The node of ONNX's own domain that makes a value. */
  standard(value: string): Node | undefined {
    const node = this.producer(value);
    return node?.domain === '' ? node : undefined;
  }

  type(value: string): ValueType | undefined {
    return this.types.values.get(value);
  }

  constant(value: string | undefined): Tensor | undefined {
    if (value === undefined) return undefined;
    return this.graph.initializers.get(value) ?? this.around?.constant(value) ?? this.types.constants.get(value);
  }

  /** The number that all elements of a constant are. */
  uniform(value: string | undefined): number | undefined {
    const data = this.constant(value)?.data;
    if (!data || data.length === 0 || typeof data[0] === 'string') return undefined;
    const first = data[0]!;
    return Array.prototype.every.call(data, (item) => item === first) ? Number(first) : undefined;
  }

  /** The value that some nodes only move about or give another name. */
  behindMoves(value: string): string {
    const node = this.standard(value);
    return node && TRANSPARENT.has(node.op) ? this.behindMoves(node.inputs[0]!) : value;
  }

  /** Whether a node works along the classes, of which its input has one row a sample. */
  alongClasses(node: Node, axis: number): boolean {
    const dims = this.type(node.inputs[0]!)?.dims;
    if (!dims) return false;
    const at = axis < 0 ? axis + dims.length : axis;
    return at > 0 && dims[at] === rowSize(dims);
  }
}

/** A value that one branch of a node returns, and the branch. */
export interface Branch {
  readonly attribute: string;
  readonly graph: Graph;
  readonly value: string;
}

/** What each branch of an `If` returns in the place of one of its values. */
export function branchesOf({ attributes, outputs }: Node, value: string): readonly Branch[] {
  const at = outputs.indexOf(value);
  return Object.entries(attributes).flatMap(([attribute, given]) =>
    given.type === 'graph' ? [{ attribute, graph: given.value, value: given.value.outputs[at]!.name }] : [],
  );
}

/** A whole-number attribute of a node. */
export function intOf(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.type === 'int' ? Number(attribute.value) : fallback;
}

/** Elements of one sample's row; undefined where they are not the same for all. */
export function rowSize(dims: readonly (number | string)[]): number | undefined {
  const sizes = dims.slice(1);
  return sizes.every((size) => typeof size === 'number') ? sizes.reduce((a, b) => a * b, 1) : undefined;
}
