import {
  float32Tensor,
  type Graph,
  type GraphBuilder,
  type Node,
  takesBatchStatistics,
  type Tensor,
} from '@rampart/onnx';

/** A graph whose batch normalisations take the statistics of the batch. */
export interface BatchNormalised {
  readonly graph: Graph;
  /** For each running statistic, by the name of its initializer, the value that is the batch's own. */
  readonly statistics: ReadonlyMap<string, string>;
}

/**
 * Batch normalisation as in training: by the mean and the variance of the batch, which are values of the graph. The
 * running ones are no longer read.
 */
export function batchNormalised(graph: Graph): BatchNormalised {
  const statistics = new Map<string, string>();
  const nodes = graph.nodes.map((node) => {
    const [, , , mean, variance] = node.inputs;
    if (!isInference(node) || !graph.initializers.has(mean!) || !graph.initializers.has(variance!)) return node;
    const own = [`${node.outputs[0]}/batch mean`, `${node.outputs[0]}/batch variance`];
    [mean, variance].forEach((name, index) => statistics.set(name!, own[index]!));
    return {
      ...node,
      outputs: [node.outputs[0]!, ...own],
      attributes: {
        ...node.attributes,
        training_mode: { type: 'int' as const, value: 1 },
        // ONNX's momentum is the share that the old statistics keep: with 0 the outputs are the batch's own.
        momentum: { type: 'float' as const, value: 0 },
      },
    };
  });
  return { graph: { ...graph, nodes }, statistics };
}

/** From here on, numbers that a file hardly has. */
const UNUSUAL = 2 ** 23;

/**
 * A node of `batchNormalised` with running statistics of its own, at which it does not look. ONNX Runtime writes the
 * batch's over them, so that of two nodes that are given the same ones both would have those of the later (seen in 1.30).
 * As it makes one of equal constants, each of these is of a number that nothing else has.
 * @param initializers those that the node may read
 * @param index which node of the graph it is
 */
export function withOwnStatistics(
  builder: GraphBuilder,
  initializers: ReadonlyMap<string, Tensor>,
  node: Node,
  index: number,
): Node {
  const { momentum } = node.attributes;
  if (node.op !== 'BatchNormalization' || momentum?.type !== 'float' || momentum.value !== 0) return node;
  const inputs = node.inputs.map((name, which) => {
    const shared = which < 3 ? undefined : initializers.get(name);
    if (!shared) return name;
    const number = UNUSUAL + 2 * index + (which - 3);
    return builder.constant(float32Tensor(shared.dims, new Float32Array(shared.data.length).fill(number)));
  });
  return { ...node, inputs };
}

/** How much of a running statistic stays when the batch's own joins it, for each of them. */
export function momenta(graph: Graph): ReadonlyMap<string, number> {
  return new Map(
    graph.nodes.filter(isInference).flatMap(({ inputs, attributes }) => {
      const momentum = attributes['momentum'];
      const value = momentum?.type === 'float' ? momentum.value : 0.9;
      return [inputs[3]!, inputs[4]!].map((name) => [name, value] as const);
    }),
  );
}

function isInference(node: Node): boolean {
  return node.op === 'BatchNormalization' && node.domain === '' && !takesBatchStatistics(node);
}
