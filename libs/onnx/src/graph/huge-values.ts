import { RampartError } from '@rampart/core';

import { describe } from './attribute';
import type { Graph, Model, Node, Tensor } from './ir';
import { type KnownValues, LEAST_SHAPES } from './least-shape';
import { elementCount } from './tensor';

/** Elements that a value may have of which the file itself says how large it is: 1 GiB of float32. */
const MOST = 2 ** 28;

/** Numbers in a constant that may be a shape, paddings or scales. */
const FEW = 64;

/**
 * Refuses values that a few bytes of a file make as large as they like: ONNX Runtime makes those of constants when it
 * opens the model, and others when it runs it.
 * @throws RampartError `bad-model` that names the node
 */
export function refuseHugeValues({ graph, functions }: Pick<Model, 'graph' | 'functions'>): void {
  refuseIn(graph, new Seen());
  for (const { nodes } of functions) nodes.forEach((node) => refuseNode(node, new Seen()));
}

function refuseIn({ nodes, initializers, inputs }: Graph, seen: Seen): void {
  for (const { name, dims } of inputs) seen.shaped(name, dims?.map((dim) => (typeof dim === 'number' ? dim : 1)) ?? []);
  for (const [name, tensor] of initializers) seen.constant(name, tensor);
  for (const node of nodes) {
    refuseNode(node, seen);
    seen.made(node);
  }
}

function refuseNode(node: Node, seen: Seen): void {
  for (const attribute of Object.values(node.attributes)) {
    if (attribute.type === 'graph') refuseIn(attribute.value, new Seen(seen));
  }
  const shape = node.domain === '' ? LEAST_SHAPES.get(node.op)?.(node, seen) : undefined;
  if (!shape || shape.some((dim) => dim < 0)) return;
  const count = elementCount(shape);
  if (count > MOST) {
    throw new RampartError({
      code: 'bad-model',
      message: `${describe(node)} makes a tensor of at least ${count} elements; ${MOST} are the most that a value may have.`,
    });
  }
  seen.shaped(node.outputs[0] ?? '', shape);
}

/** What the nodes so far tell of their values. */
class Seen implements KnownValues {
  private readonly integers = new Map<string, readonly number[]>();
  private readonly shapes = new Map<string, readonly number[]>();

  /** @param around what is known where a graph inside of another may take values of it */
  constructor(private readonly around?: Seen) {}

  readonly numbers = (name: string | undefined): readonly number[] | undefined =>
    name === undefined ? undefined : (this.integers.get(name) ?? this.around?.numbers(name));

  readonly dims = (name: string | undefined): readonly number[] =>
    name === undefined ? [] : (this.shapes.get(name) ?? this.around?.dims(name) ?? []);

  shaped(name: string, dims: readonly number[]): void {
    this.shapes.set(name, dims);
  }

  constant(name: string, { type, dims, data }: Tensor): void {
    this.shaped(name, dims);
    if (data.length > FEW || type === 'string' || type.endsWith('float16')) return;
    this.integers.set(name, Array.from(data as ArrayLike<number | bigint>, Number));
  }

  /** Remembers numbers that a node makes of others: exporters write shapes in several steps. */
  made({ op, domain, inputs, outputs, attributes }: Node): void {
    const [output] = outputs;
    if (domain !== '' || output === undefined) return;
    if (op === 'Constant') {
      const [value] = Object.values(attributes);
      if (value?.type === 'tensor') this.constant(output, value.value);
      else if (value?.type === 'int' || value?.type === 'float') this.integers.set(output, [value.value]);
      else if (value?.type === 'ints' || value?.type === 'floats') this.integers.set(output, value.value);
      return;
    }
    const numbers = combined(op, inputs.map(this.numbers));
    if (numbers && numbers.length <= FEW) this.integers.set(output, numbers);
  }
}

function combined(op: string, inputs: readonly (readonly number[] | undefined)[]): readonly number[] | undefined {
  const [a, b] = inputs;
  switch (op) {
    case 'Identity':
    case 'Cast':
    case 'Reshape':
    case 'Squeeze':
    case 'Unsqueeze':
      return a;
    case 'Concat':
      return inputs.every((numbers) => numbers !== undefined) ? inputs.flat() : undefined;
    case 'Add':
      return elementwise(a, b, (x, y) => x + y);
    case 'Mul':
      return elementwise(a, b, (x, y) => x * y);
    default:
      return undefined;
  }
}

function elementwise(
  a: readonly number[] | undefined,
  b: readonly number[] | undefined,
  of: (x: number, y: number) => number,
): readonly number[] | undefined {
  if (!a || !b) return undefined;
  if (b.length === 1) return a.map((x) => of(x, b[0]!));
  if (a.length === 1) return b.map((y) => of(a[0]!, y));
  return a.length === b.length ? a.map((x, i) => of(x, b[i]!)) : undefined;
}
