import { type Graph, GraphBuilder, int64Vector, type Node, scalar } from '@rampart/onnx';

import { rangeOf } from './range';
import { branchesOf, intOf, type Reading, rowSize } from './reading';

/** The smallest normal float32: its logarithm, -87.3, stands for that of 0. */
export const TINY = 1.1754944e-38;

/** Operators that rearrange their first input alone: the logarithm goes through them. */
const REARRANGING = new Set([
  ...['Identity', 'Dropout', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose', 'Expand', 'Tile'],
  ...['Slice', 'Gather', 'GatherElements', 'ReduceMax', 'ReduceMin', 'MaxPool', 'GlobalMaxPool'],
]);

/**
 * Appends logarithms of values that are not negative, in a form that does not saturate: the logarithm of a softmax is
 * a log-softmax, of a sigmoid minus a softplus, of a product a sum, of a sum a log-sum-exp, and so on down to what the
 * value is made of. Only where an operator has no such rule, the logarithm is taken of its result. All of them are
 * float32.
 */
export class Logarithms {
  private readonly known = new Map<string, string>();

  constructor(
    private readonly reading: Reading,
    private readonly builder: GraphBuilder,
  ) {}

  /** log v */
  of(value: string): string {
    return this.remembered(`log ${value}`, () => this.ruled(value) ?? this.logarithm(this.float32(value)));
  }

  /** log(1 - v) */
  ofRest(value: string): string {
    return this.remembered(`rest ${value}`, () => {
      const node = this.reading.standard(value);
      const [first] = node?.inputs ?? [];
      if (node?.op === 'Sigmoid') return this.minusSoftplus(this.float32(first!));
      if (node?.op === 'Sub' && this.reading.uniform(first) === 1) return this.of(node.inputs[1]!);
      if (node?.op === 'If') return this.inBranches(node, value, (inner, made) => inner.ofRest(made));
      const parts = this.weighted(value, 1);
      if (parts.length > 1 && Math.abs(parts.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-6) {
        return this.logSum(parts.map(({ part, weight }) => this.plus(this.ofRest(part), Math.log(weight))));
      }
      const others = node && otherColumns(this.reading, node);
      if (others) return this.columns(node!, others);
      if (node && REARRANGING.has(node.op) && !node.op.startsWith('Reduce') && !node.op.endsWith('Pool')) {
        return this.same(node, this.ofRest(first!));
      }
      return this.logarithm(this.builder.node('Sub', [this.number(1), this.float32(value)]));
    });
  }

  private remembered(key: string, make: () => string): string {
    const known = this.known.get(key) ?? make();
    this.known.set(key, known);
    return known;
  }

  private logarithm(value: string): string {
    return this.builder.node('Log', [this.builder.node('Max', [value, this.number(TINY)])]);
  }

  private ruled(value: string): string | undefined {
    const { builder, reading } = this;
    const node = reading.standard(value);
    if (!node || reading.constant(value)) return undefined;
    const [a, b] = node.inputs as [string, string];
    const positive = (name: string) => rangeOf(reading, name).low >= 0;
    if (REARRANGING.has(node.op)) return positive(a) ? this.same(node, this.of(a)) : undefined;
    switch (node.op) {
      case 'Softmax':
        return builder.node('LogSoftmax', [this.float32(a)], { axis: intOf(node, 'axis', -1) });
      case 'Sigmoid':
        return this.minusSoftplus(builder.node('Neg', [this.float32(a)]));
      case 'Exp':
        return this.float32(a);
      case 'Cast':
        return reading.type(a)?.type.startsWith('float') && positive(a) ? this.of(a) : undefined;
      case 'Sub':
        return reading.uniform(a) === 1 ? this.ofRest(b) : undefined;
      case 'Mul':
        return positive(a) && positive(b) ? builder.node('Add', [this.of(a), this.of(b)]) : undefined;
      case 'Div':
        return positive(a) && positive(b) ? builder.node('Sub', [this.of(a), this.of(b)]) : undefined;
      case 'Add':
      case 'Sum':
      case 'Mean':
        return node.inputs.every(positive) ? this.sumOf(node) : undefined;
      case 'ReduceSum':
      case 'ReduceMean':
        return positive(a) && reading.type(value) ? this.reduced(node) : undefined;
      case 'If':
        return rangeOf(reading, value).low >= 0
          ? this.inBranches(node, value, (inner, made) => inner.of(made))
          : undefined;
      case 'Concat':
        return node.inputs.every(positive) ? this.same(node, ...node.inputs.map((input) => this.of(input))) : undefined;
      case 'Clip':
      case 'Max':
        // A lower bound only keeps the value away from 0, which a logarithm of this form does by itself.
        return this.aboveBound(node);
      default:
        return undefined;
    }
  }

  private sumOf({ op, inputs }: Node): string {
    const parts = inputs.filter((input) => this.reading.uniform(input) !== 0).map((input) => this.of(input));
    return this.plus(this.logSum(parts), op === 'Mean' ? -Math.log(inputs.length) : 0);
  }

  /** log(a + b) = log a + softplus(log b - log a), of two at a time. */
  private logSum(logarithms: readonly string[]): string {
    const { builder } = this;
    return logarithms.reduce((sum, part) =>
      builder.node('Add', [sum, builder.node('Softplus', [builder.node('Sub', [part, sum])])]),
    );
  }

  private plus(logarithm: string, term: number): string {
    return term === 0 ? logarithm : this.builder.node('Add', [logarithm, this.number(term)]);
  }

  /** The parts of a sum with positive weights. */
  private weighted(value: string, weight: number): readonly { readonly part: string; readonly weight: number }[] {
    const { reading } = this;
    const node = reading.standard(value);
    const [a, b] = node?.inputs ?? [];
    const factor = (name: string | undefined) => Math.max(reading.uniform(name) ?? 0, 0);
    switch (node?.op) {
      case 'Add':
      case 'Sum':
        return node.inputs.flatMap((input) => this.weighted(input, weight));
      case 'Mean':
        return node.inputs.flatMap((input) => this.weighted(input, weight / node.inputs.length));
      case 'Mul':
        if (factor(b) > 0) return this.weighted(a!, weight * factor(b));
        return factor(a) > 0 ? this.weighted(b!, weight * factor(a)) : [{ part: value, weight }];
      case 'Div':
        return factor(b) > 0 ? this.weighted(a!, weight / factor(b)) : [{ part: value, weight }];
      default:
        return [{ part: value, weight }];
    }
  }

  /** The logarithm of what the other columns of a softmax sum to. */
  private columns(node: Node, { softmax, axis, indices }: OtherColumns): string {
    const { builder } = this;
    const rows = builder.node('LogSoftmax', [this.float32(softmax.inputs[0]!)], { axis });
    const chosen = builder.node('Gather', [rows, builder.constant(int64Vector(indices))], { axis });
    const keepdims =
      this.reading.type(node.outputs[0]!)!.dims.length === this.reading.type(node.inputs[0]!)!.dims.length;
    return builder.node('ReduceLogSumExp', [chosen, builder.constant(int64Vector([axis]))], {
      keepdims: keepdims ? 1 : 0,
    });
  }

  private reduced({ op, inputs, outputs, attributes }: Node): string {
    const { builder, reading } = this;
    const [value, axes] = inputs as [string, string | undefined];
    const made = builder.reserve('log-sum');
    builder.append({
      ...{ op: 'ReduceLogSumExp', domain: '', name: made, outputs: [made], attributes },
      inputs: [this.of(value), ...(axes === undefined ? [] : [axes])],
    });
    if (op === 'ReduceSum') return made;
    const elements = (name: string) => reading.type(name)!.dims.reduce<number>((n, dim) => n * (Number(dim) || 1), 1);
    return builder.node('Sub', [made, this.number(Math.log(elements(value) / elements(outputs[0]!)))]);
  }

  /** The same choice between branches, each of which returns a logarithm of what it returned. */
  private inBranches(node: Node, value: string, logarithm: (inner: Logarithms, value: string) => string): string {
    const made = this.builder.reserve('log-If');
    const branch = (graph: Graph, returned: string): Graph => {
      const builder = new GraphBuilder({ ...graph, outputs: [] }, this.builder.names());
      builder.output(logarithm(new Logarithms(this.reading.inside(graph), builder), returned));
      return builder.build(graph.name);
    };
    const branches = branchesOf(node, value).map(
      ({ attribute, graph, value: returned }) =>
        [attribute, { type: 'graph', value: branch(graph, returned) }] as const,
    );
    this.builder.append({ ...node, name: made, outputs: [made], attributes: Object.fromEntries(branches) });
    return made;
  }

  private aboveBound({ op, inputs }: Node): string | undefined {
    const { reading } = this;
    if (op === 'Clip') return rangeOf(reading, inputs[0]!).low >= 0 ? this.of(inputs[0]!) : undefined;
    const values = inputs.filter((input) => reading.constant(input) === undefined);
    return values.length === 1 && rangeOf(reading, values[0]!).low >= 0 ? this.of(values[0]!) : undefined;
  }

  private minusSoftplus(value: string): string {
    return this.builder.node('Neg', [this.builder.node('Softplus', [value])]);
  }

  /** The same node with other first inputs. */
  private same(node: Node, ...firsts: string[]): string {
    const made = this.builder.reserve(`log-${node.op}`);
    const inputs = [...firsts, ...node.inputs.slice(firsts.length)];
    this.builder.append({ ...node, name: made, inputs, outputs: [made] });
    return made;
  }

  private float32(value: string): string {
    return this.reading.type(value)?.type === 'float32' ? value : this.builder.node('Cast', [value], { to: 1 });
  }

  private number(value: number): string {
    return this.builder.constant(scalar(value));
  }
}

interface OtherColumns {
  readonly softmax: Node;
  readonly axis: number;
  readonly indices: readonly number[];
}

/** The columns of a softmax beside the one that a node takes of it. */
function otherColumns(reading: Reading, node: Node): OtherColumns | undefined {
  if (node.op !== 'Gather' && node.op !== 'Slice') return undefined;
  const softmax = reading.standard(node.inputs[0]!);
  const dims = reading.type(node.inputs[0]!)?.dims;
  if (softmax?.op !== 'Softmax' || !dims) return undefined;
  const from = reading.constant(node.inputs[1]);
  const along = node.op === 'Gather' ? intOf(node, 'axis', 0) : Number(reading.constant(node.inputs[3])?.data[0] ?? 0);
  const axis = along < 0 ? along + dims.length : along;
  const classes = dims[axis];
  const isOne = rowSize(reading.type(node.outputs[0]!)?.dims ?? []) === 1 && from?.data.length === 1;
  if (!isOne || typeof classes !== 'number' || !reading.alongClasses(softmax, axis)) return undefined;
  const first = Number(from.data[0]);
  const taken = first < 0 ? first + classes : first;
  const indices = Array.from({ length: classes }, (_, j) => j).filter((j) => j !== taken);
  return { softmax, axis, indices };
}
