import type { Graph, Node, Tensor } from '../ir';

/** Operators whose output has the rank of their first input. */
const SAME_RANK = new Set(
  [
    'Relu',
    'Sigmoid',
    'Tanh',
    'Identity',
    'Dropout',
    'BatchNormalization',
    'Softmax',
    'LogSoftmax',
    'Clip',
    'LeakyRelu',
  ].concat([
    'MaxPool',
    'AveragePool',
    'GlobalAveragePool',
    'GlobalMaxPool',
    'Elu',
    'Selu',
    'PRelu',
    'Concat',
    'Transpose',
    'Cast',
    'Pad',
    'Slice',
    'LRN',
  ]),
);

/** Ranks of values, as far as a graph gives them away without shape inference. */
export class RankTable {
  private readonly ranks = new Map<string, number>();

  constructor(
    graph: Graph,
    private readonly constants: ReadonlyMap<string, Tensor>,
  ) {
    for (const { name, dims } of [...graph.outputs, ...graph.inputs]) if (dims) this.ranks.set(name, dims.length);
  }

  of(name: string): number | undefined {
    return this.constants.get(name)?.dims.length ?? this.ranks.get(name);
  }

  /** Learns the ranks of a node's outputs. */
  add(node: Node): void {
    const rank = this.rankOfOutput(node);
    const output = node.outputs[0] ?? '';
    if (rank !== undefined && !this.ranks.has(output)) this.ranks.set(output, rank);
  }

  private rankOfOutput({ op, inputs }: Node): number | undefined {
    const ranks = inputs.map((name) => this.of(name));
    if (op === 'Gemm' || op === 'Flatten') return 2;
    if (op === 'Conv' || op === 'ConvTranspose') return ranks[1] ?? ranks[0];
    if (op === 'Reshape') return this.constants.get(inputs[1] ?? '')?.data.length;
    if (op === 'Add' || op === 'Sub' || op === 'Mul' || op === 'Div') {
      const [a, b] = ranks;
      return a === undefined || b === undefined ? undefined : Math.max(a, b);
    }
    if (op === 'MatMul') {
      const [a, b] = ranks;
      return a !== undefined && b !== undefined && a >= 2 && b >= 2 ? Math.max(a, b) : undefined;
    }
    return SAME_RANK.has(op) ? ranks[0] : undefined;
  }
}
