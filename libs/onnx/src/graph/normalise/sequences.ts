import { intOf } from '../attribute';
import type { GraphBuilder } from '../builder';
import type { Node, Tensor } from '../ir';
import { usedBy } from '../outputs';
import { int64Vector, scalar, toNumbers } from '../tensor';

/** What is known of a sequence: its tensors, or the tensor whose chunks along an axis they are. */
type Sequence =
  | { readonly items: readonly string[] }
  | { readonly chunksOf: string; readonly size: number; readonly axis: number; readonly squeezed: boolean };

/** The end of an axis, however long. */
const END = 2 ** 31 - 1;

/**
 * Sequences of tensors, rewritten away: gradients flow through tensors alone. Where it is known which tensor an operator
 * takes out of a sequence, that tensor takes its place, and the sequence is made only where something else needs it.
 */
export class Sequences {
  private readonly known = new Map<string, Sequence>();
  /** What makes the sequences that nothing has needed so far. */
  private readonly left = new Map<string, Node>();

  constructor(
    private readonly builder: GraphBuilder,
    private readonly constants: Map<string, Tensor>,
  ) {}

  /** Takes a node on sequences, if it knows what it does. */
  rewrite(node: Node): boolean {
    if (node.domain !== '') return false;
    const made = this.made(node);
    if (made) {
      this.known.set(node.outputs[0]!, made);
      this.left.set(node.outputs[0]!, node);
      return true;
    }
    const from = this.known.get(node.inputs[0] ?? '');
    return from !== undefined && this.taken(node, from);
  }

  /** Makes the sequences that something needs as such. */
  make(names: Iterable<string>): void {
    for (const name of names) {
      const node = this.left.get(name);
      if (!node) continue;
      this.left.delete(name);
      this.make(node.inputs);
      this.builder.append(node);
    }
  }

  /** Makes the sequences that a node or the graphs in it need. */
  makeFor(node: Node): void {
    if (this.left.size === 0) return;
    this.make(usedBy(node));
  }

  /** The sequence that a node makes. */
  private made(node: Node): Sequence | undefined {
    const { op, inputs } = node;
    const [first = '', second = '', third = ''] = inputs;
    if (op === 'SequenceEmpty') return { items: [] };
    if (op === 'SequenceConstruct') return { items: inputs };
    if (op === 'SplitToSequence') return this.split(node);
    const items = this.itemsOf(first);
    if (!items) return undefined;
    if (op === 'SequenceInsert') {
      const at = third === '' ? items.length : this.place(third, items.length);
      return at === undefined || at > items.length ? undefined : { items: items.toSpliced(at, 0, second) };
    }
    if (op === 'SequenceErase') {
      const at = second === '' ? items.length - 1 : this.place(second, items.length);
      return items[at ?? -1] === undefined ? undefined : { items: items.toSpliced(at!, 1) };
    }
    return undefined;
  }

  private split(node: Node): Sequence | undefined {
    const [chunksOf = '', sizes = ''] = node.inputs;
    const axis = intOf(node, 'axis', 0);
    if (sizes === '') return { chunksOf, size: 1, axis, squeezed: intOf(node, 'keepdims', 1) === 0 };
    const split = this.constants.get(sizes);
    if (!split) return undefined;
    const numbers = toNumbers(split);
    if (split.dims.length === 0) return { chunksOf, size: numbers[0]!, axis, squeezed: false };
    const items = this.builder.node('Split', [chunksOf, sizes], { axis }, { outputs: numbers.length });
    return { items };
  }

  /** What a node takes out of a sequence: a tensor, its length, or all of it put together. */
  private taken(node: Node, from: Sequence): boolean {
    const { op, inputs, outputs } = node;
    const items = 'items' in from ? from.items : undefined;
    if (op === 'SequenceLength' && items) {
      const length = scalar(items.length, 'int64');
      this.constants.set(outputs[0]!, length);
      this.builder.node('Identity', [this.builder.constant(length)], {}, { outputs });
      return true;
    }
    if (op === 'SequenceAt') {
      if (!('items' in from)) return this.chunk(from, inputs[1]!, outputs);
      const item = from.items[this.place(inputs[1]!, from.items.length) ?? -1];
      if (item !== undefined) this.builder.node('Identity', [item], {}, { outputs });
      return item !== undefined;
    }
    if (op !== 'ConcatFromSequence' || !items || items.length === 0) return false;
    const axis = intOf(node, 'axis', 0);
    const at = this.builder.constant(int64Vector([axis]), 'axes');
    const whole =
      intOf(node, 'new_axis', 0) === 1 ? items.map((item) => this.builder.node('Unsqueeze', [item, at])) : items;
    this.builder.node('Concat', whole, { axis }, { outputs });
    return true;
  }

  private chunk(
    { chunksOf, size, axis, squeezed }: Exclude<Sequence, { items: unknown }>,
    position: string,
    outputs: readonly string[],
  ): boolean {
    const constant = this.constants.get(position);
    const at = constant && toNumbers(constant)[0]!;
    if (at === undefined || (at < 0 && size !== 1)) return false;
    if (squeezed) {
      this.builder.node('Gather', [chunksOf, this.builder.constant(scalar(at, 'int64'))], { axis }, { outputs });
      return true;
    }
    const ends = [at * size, at === -1 ? END : (at + 1) * size, axis];
    const bounds = ends.map((value) => this.builder.constant(int64Vector([value])));
    this.builder.node('Slice', [chunksOf, ...bounds], {}, { outputs });
    return true;
  }

  private itemsOf(name: string): readonly string[] | undefined {
    const known = this.known.get(name);
    return known && 'items' in known ? known.items : undefined;
  }

  /** A constant place in a sequence, counted from its start. */
  private place(name: string, length: number): number | undefined {
    const constant = this.constants.get(name);
    if (!constant) return undefined;
    const [at] = toNumbers(constant) as [number];
    return at < 0 ? at + length : at;
  }
}
