import type { Graph, Node } from '@rampart/onnx';

/** Inputs of each operator that hold weights to be trained. A BatchNormalization's statistics are none. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  Einsum: [0, 1, 2],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  GroupNormalization: [1, 2],
  LayerNormalization: [1, 2],
  PRelu: [1],
  LSTM: [1, 2, 3],
  GRU: [1, 2, 3],
  RNN: [1, 2, 3],
};

/** Operators by which exporters add biases and apply scales after a layer, or before the image: see below. */
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Operators that only rearrange a weight, or widen it, on its way to where it is used. */
const REARRANGING = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Unsqueeze', 'Squeeze', 'Flatten', 'Expand']);

/**
 * The initializers that training changes, in the file's order: what layers multiply by and add. Constants that are
 * applied to the image before its first layer are preprocessing and stay as they are, and so do scalars.
 */
export function trainableInitializers(graph: Graph): string[] {
  const found = new Set<string>();
  const origin = weightOrigins(graph);
  const afterLayer = new Set<string>();
  const take = (name: string | undefined) => {
    const initializer = name === undefined ? undefined : origin.get(name);
    const tensor = initializer === undefined ? undefined : graph.initializers.get(initializer);
    if (tensor?.type === 'float32' && tensor.data.length > 1) found.add(initializer!);
  };
  for (const node of graph.nodes) {
    if (origin.has(node.outputs[0]!)) continue;
    const isLayer = node.domain === '' && WEIGHT_INPUTS[node.op] !== undefined && hasWeights(node, origin);
    const behind = isLayer || node.inputs.some((input) => afterLayer.has(input));
    if (isLayer) for (const index of WEIGHT_INPUTS[node.op]!) take(node.inputs[index]);
    else if (behind && ELEMENTWISE.has(node.op)) node.inputs.forEach(take);
    if (behind) for (const output of node.outputs) afterLayer.add(output);
  }
  return [...graph.initializers.keys()].filter((name) => found.has(name));
}

/** The initializer behind each value that is one, or one rearranged. */
export function weightOrigins(graph: Graph): ReadonlyMap<string, string> {
  const origin = new Map([...graph.initializers.keys()].map((name) => [name, name]));
  for (const { op, inputs, outputs } of graph.nodes) {
    const initializer = REARRANGING.has(op) ? origin.get(inputs[0] ?? '') : undefined;
    if (initializer !== undefined) origin.set(outputs[0]!, initializer);
  }
  return origin;
}

function hasWeights(node: Node, origin: ReadonlyMap<string, string>): boolean {
  return WEIGHT_INPUTS[node.op]!.some((index) => origin.has(node.inputs[index] ?? ''));
}
