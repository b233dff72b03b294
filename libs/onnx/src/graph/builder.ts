import { RampartError } from '@rampart/core';

import { type AttributeInputs, attributes } from './attribute';
import type { Dimension, ElementType, Graph, Node, Tensor, ValueInfo } from './ir';

export interface BuilderOptions {
  /** Names that are to come: nothing else is named so. */
  readonly reserved?: Iterable<string>;
  /** Values of the graphs around this one, which its nodes may use. */
  readonly outer?: Iterable<string>;
}

export interface NodeOptions {
  readonly domain?: string;
  readonly name?: string;
}

/** Constants with more elements are kept apart even if equal. */
const DEDUPLICATE_UP_TO = 4096;

/** Grows a graph node by node. Every name that it makes is unique in the graph. */
export class GraphBuilder {
  private readonly inputs: ValueInfo[];
  private readonly outputs: ValueInfo[];
  private readonly initializers: Map<string, Tensor>;
  private readonly nodes: Node[];
  private readonly taken = new Set<string>();
  private readonly reserved: Set<string>;
  private readonly outer: ReadonlySet<string>;
  private readonly counters = new Map<string, number>();
  private readonly constants = new Map<string, string>();

  /** @param from the graph to go on from; it is not changed */
  constructor(from?: Graph, options: BuilderOptions = {}) {
    this.reserved = new Set(options.reserved);
    this.outer = new Set(options.outer);
    this.inputs = [...(from?.inputs ?? [])];
    this.outputs = [...(from?.outputs ?? [])];
    this.initializers = new Map(from?.initializers);
    this.nodes = [...(from?.nodes ?? [])];
    for (const { name } of this.inputs) this.taken.add(name);
    for (const name of this.initializers.keys()) this.taken.add(name);
    for (const node of this.nodes) {
      if (node.name) this.taken.add(node.name);
      for (const output of node.outputs) this.taken.add(output);
      for (const inner of innerNames(node)) this.reserved.add(inner);
    }
  }

  /** A name that nothing in the graph has: the hint itself where it is free. */
  unique(hint: string): string {
    let name = hint;
    let counter = this.counters.get(hint) ?? 0;
    while (name === '' || this.has(name) || this.reserved.has(name)) name = `${hint}_${++counter}`;
    this.counters.set(hint, counter);
    this.taken.add(name);
    return name;
  }

  /** A free name for a value that a later node makes. */
  reserve(hint: string): string {
    const name = this.unique(hint);
    this.taken.delete(name);
    this.reserved.add(name);
    return name;
  }

  /** Every name that a graph inside of this one may use or must not take: what exists so far, and what is to come. */
  names(): { readonly outer: Iterable<string>; readonly reserved: Iterable<string> } {
    return { outer: [...this.outer, ...this.taken], reserved: this.reserved };
  }

  /** True if a value or node of this name exists, here or in a graph around this one. */
  has(name: string): boolean {
    return this.taken.has(name) || this.outer.has(name);
  }

  /**
   * Declares an input of the graph.
   * @throws RampartError `usage` when the name is taken
   */
  input(name: string, type: ElementType = 'float32', dims?: readonly Dimension[]): string {
    this.claim(name);
    this.inputs.push({ name, type, dims });
    return name;
  }

  /** Declares an input that is no tensor. */
  otherInput(info: ValueInfo): string {
    this.claim(info.name);
    this.inputs.push(info);
    return info.name;
  }

  /** Declares an existing value as an output of the graph. Type and shape may be left to ONNX Runtime's inference. */
  output(name: string, type: ElementType | 'other' = 'other', dims?: readonly Dimension[]): string {
    if (!this.taken.has(name)) {
      throw new RampartError({ code: 'usage', message: `The graph has no value "${name}" to declare as an output.` });
    }
    if (!this.outputs.some((output) => output.name === name)) this.outputs.push({ name, type, dims });
    return name;
  }

  /**
   * Adds a constant under a name of its own.
   * @throws RampartError `usage` when the name is taken
   */
  initializer(name: string, value: Tensor): string {
    this.claim(name);
    this.initializers.set(name, value);
    return name;
  }

  /** The name of a constant; small equal ones share one name. */
  constant(value: Tensor, hint = 'constant'): string {
    const key = value.data.length <= DEDUPLICATE_UP_TO ? keyOf(value) : undefined;
    const known = key === undefined ? undefined : this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(this.unique_(hint), value);
    if (key !== undefined) this.constants.set(key, name);
    return name;
  }

  /** Appends a node. Returns the name of its output, or the names of its outputs where `outputs` says how many or which. */
  node(op: string, inputs: readonly string[], attributes?: AttributeInputs, options?: NodeOptions): string;
  node(
    op: string,
    inputs: readonly string[],
    attributes: AttributeInputs | undefined,
    options: NodeOptions & { readonly outputs: number | readonly string[] },
  ): string[];
  node(
    op: string,
    inputs: readonly string[],
    attributeInputs: AttributeInputs = {},
    options: NodeOptions & { readonly outputs?: number | readonly string[] } = {},
  ): string | string[] {
    const hint = options.name ?? op;
    const wanted = options.outputs ?? 1;
    const outputs =
      typeof wanted === 'number'
        ? Array.from({ length: wanted }, () => this.unique(hint))
        : wanted.map((name) => (name === '' ? '' : this.claim(name)));
    for (const input of inputs) {
      if (input !== '' && !this.has(input)) {
        throw new RampartError({ code: 'usage', message: `Node ${op} takes "${input}", which no node has made yet.` });
      }
    }
    this.nodes.push({
      op,
      domain: options.domain ?? '',
      name: outputs.find((name) => name !== '') ?? '',
      inputs: withoutTrailing(inputs),
      outputs,
      attributes: attributes(attributeInputs),
    });
    return options.outputs === undefined ? outputs[0]! : outputs;
  }

  /** Appends a node as it is; its output names must be free. */
  append(node: Node): void {
    for (const output of node.outputs) if (output !== '') this.claim(output);
    // A name of this graph would hide one of the same name in a graph inside.
    for (const name of innerNames(node)) this.reserved.add(name);
    this.nodes.push(node);
  }

  /** The names of at least `count` outputs of a node, which is given those that it lacks. */
  extendOutputs(producerOf: string, count: number): readonly string[] {
    const index = this.nodes.findIndex((node) => node.outputs.includes(producerOf));
    const node = this.nodes[index];
    if (!node) throw new RampartError({ code: 'usage', message: `No node makes the value "${producerOf}".` });
    const outputs = Array.from({ length: Math.max(count, node.outputs.length) }, (_, i) => node.outputs[i] ?? '');
    for (let i = 0; i < count; i++) outputs[i] ||= this.unique(`${node.outputs[0]}_output${i}`);
    this.nodes[index] = { ...node, outputs };
    return outputs;
  }

  /** Puts another node in the place of one; it makes at least the same values, under the same names. */
  replace(old: Node, by: Node): void {
    const first = old.outputs.find((output) => output !== '') ?? '';
    const index = this.nodes.findIndex((node) => node.outputs.includes(first));
    if (index < 0) throw new RampartError({ code: 'usage', message: `No node makes the value "${first}".` });
    const known = new Set(this.nodes[index]!.outputs);
    for (const output of by.outputs) if (output !== '' && !known.has(output)) this.claim(output);
    for (const name of innerNames(by)) this.reserved.add(name);
    this.nodes[index] = by;
  }

  /** The graph so far. */
  build(name: string): Graph {
    return {
      name,
      inputs: [...this.inputs],
      outputs: [...this.outputs],
      initializers: new Map(this.initializers),
      nodes: [...this.nodes],
    };
  }

  private claim(name: string): string {
    if (name === '' || this.taken.has(name)) {
      throw new RampartError({ code: 'usage', message: `The graph already has a value named "${name}".` });
    }
    this.taken.add(name);
    return name;
  }

  // `initializer` claims the name itself.
  private unique_(hint: string): string {
    const name = this.unique(hint);
    this.taken.delete(name);
    return name;
  }
}

/** Optional inputs that are left out at the end are not written: some kernels refuse them. */
function withoutTrailing(inputs: readonly string[]): string[] {
  let count = inputs.length;
  while (count > 0 && inputs[count - 1] === '') count--;
  return inputs.slice(0, count);
}

function keyOf(value: Tensor): string {
  const elements = ArrayBuffer.isView(value.data)
    ? Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength).toString('base64')
    : JSON.stringify(value.data);
  return `${value.type}[${value.dims.join()}]${elements}`;
}

/** Names inside the subgraphs of a node: an outer value of the same name would be shadowed there. */
function* innerNames(node: Node): Generator<string> {
  for (const attribute of Object.values(node.attributes)) {
    if (attribute.type !== 'graph') continue;
    for (const { name } of attribute.value.inputs) yield name;
    yield* attribute.value.initializers.keys();
    for (const inner of attribute.value.nodes) {
      yield* inner.outputs;
      yield* innerNames(inner);
    }
  }
}
