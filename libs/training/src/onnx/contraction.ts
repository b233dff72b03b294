import { RampartError } from '@rampart/core';
import {
  elementCount,
  float32Tensor,
  type Graph,
  type GraphBuilder,
  int64Vector,
  type Node,
  normalise,
  readModel,
  scalar,
  type ValueTypes,
  takesBatchStatistics,
} from '@rampart/onnx';

import type { Penalty } from './loss';
import { weightOrigins } from './trainable';

/** Layers that are linear in what they are given: the square of a weight is that of an entry of their Jacobian. */
const LINEAR = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** Layers with weights whose Jacobian is not made of squared weights. */
const OTHER = new Set(['Einsum', 'LSTM', 'GRU', 'RNN']);

/** Operators each of whose values depends on one value alone. */
const ELEMENTWISE = new Set([
  ...['Relu', 'LeakyRelu', 'ThresholdedRelu', 'PRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'Mish', 'HardSwish'],
  ...['Sigmoid', 'HardSigmoid', 'Tanh', 'Softplus', 'Softsign', 'Erf', 'Exp', 'Sqrt', 'Abs', 'Neg', 'Identity'],
  ...['Clip', 'Add', 'Sub', 'Mul', 'Div', 'BatchNormalization'],
]);

/** A layer and the element-wise operators that follow it. */
interface Layer {
  readonly node: Node;
  /** Which of its inputs is its weight. */
  readonly weight: number;
  readonly activation: readonly Node[];
}

/**
 * Appends the layers' contraction (Gu and Rigazio 2014; Rifai et al. 2011 for one layer). Of h = a(z) with z
 * = W x + b, element by element, the squared Frobenius norm of the Jacobian is the sum over k of a'(z_k)^2 times the sum
 * of the squared weights that z_k is made with: what the same layer makes of ones by its squared weights.
 *
 * Every activation is written once more behind a copy of z that nothing else hangs on: the gradient of the sum of all of
 * these with respect to the copies is a'(z). Statistics of a batch count as numbers that normalise each value by itself.
 * @param valueOf the values of the model, by their names in it
 * @returns the sum to differentiate, and what becomes of its gradients
 * @throws RampartError `bad-model` where no layer has such weights, or one has others
 */
export function contraction(
  builder: GraphBuilder,
  types: ValueTypes,
  { output, valueOf }: { readonly output: string; readonly valueOf: (name: string) => string },
): Penalty & { readonly sum: string } {
  const layers = layersBefore(types.model.graph, output);
  const starts = layers.map(({ node }) => builder.node('Identity', [valueOf(node.outputs[0]!)]));
  const ends = layers.map((layer, index) => activated(builder, layer, starts[index]!, valueOf));
  const sums = ends.map((value) => builder.node('ReduceSum', [value], { keepdims: 0 }));
  return {
    sum: builder.node('Sum', sums),
    wrt: starts,
    norm: (after, slopes) =>
      after.node(
        'Sum',
        layers.map((layer, index) => squaredNorm(after, types, layer, { slope: slopes[index]!, valueOf })),
      ),
  };
}

/** That the Jacobians of a classifier's layers are known from their weights. @throws RampartError `bad-model` where not */
export function checkContraction(file: Uint8Array): void {
  layersBefore(normalise(readModel(file)).graph, 'logits');
}

function layersBefore(graph: Graph, output: string): Layer[] {
  const origins = weightOrigins(graph);
  const needed = new Set([output]);
  const found: Layer[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const input of node.inputs) needed.add(input);
    const weight = node.inputs.slice(0, 2).findLastIndex((name) => origins.has(name));
    if (origins.has(node.outputs[0]!) || weight < 0) continue;
    if (OTHER.has(node.op)) throw otherLayer(node);
    if (!LINEAR.has(node.op)) continue;
    found.push({ node, weight, activation: activationBehind(graph, node, origins) });
  }
  if (found.length === 0) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected layers whose Jacobian is known from their weights: ${[...LINEAR].join(', ')}. Received a model without one.`,
    });
  }
  return found.reverse();
}

/** The element-wise operators behind a layer, up to where its values are used by something else or by several. */
function activationBehind(graph: Graph, layer: Node, origins: ReadonlyMap<string, string>): Node[] {
  const behind: Node[] = [];
  for (let value = layer.outputs[0]!; !graph.outputs.some(({ name }) => name === value);) {
    const users = graph.nodes.filter(({ inputs }) => inputs.includes(value));
    const [next] = users;
    if (users.length !== 1 || !ELEMENTWISE.has(next!.op) || next!.domain !== '') break;
    if (!next!.inputs.every((name) => name === value || name === '' || origins.has(name))) break;
    if (takesBatchStatistics(next!) && next!.outputs.length < 3) break;
    behind.push(next!);
    value = next!.outputs[0]!;
  }
  return behind;
}

/** The activation once more, of a copy of the layer's values. */
function activated(
  builder: GraphBuilder,
  { node: layer, activation }: Layer,
  copy: string,
  valueOf: (name: string) => string,
): string {
  let [original, value] = [layer.outputs[0]!, copy];
  for (const node of activation) {
    const made = builder.reserve(node.op);
    const inputs = node.inputs.map((name) => (name === original ? value : name === '' ? '' : valueOf(name)));
    builder.append({
      ...(takesBatchStatistics(node) ? byStatistics(node, inputs, valueOf) : { ...node, inputs }),
      name: '',
      outputs: [made],
    });
    [original, value] = [node.outputs[0]!, made];
  }
  return value;
}

/** The normalisation by the numbers that another one has found. */
function byStatistics(node: Node, [x, scale, bias]: readonly string[], valueOf: (name: string) => string): Node {
  const { training_mode: _, ...attributes } = node.attributes;
  const statistics = node.outputs.slice(1, 3).map(valueOf);
  return { ...node, attributes, inputs: [x!, scale!, bias!, ...statistics] };
}

/** Appends the mean over the batch of the squared Frobenius norm of one layer's Jacobian. */
function squaredNorm(
  builder: GraphBuilder,
  types: ValueTypes,
  { node, weight }: Layer,
  { slope, valueOf }: { readonly slope: string; readonly valueOf: (name: string) => string },
): string {
  const weights = valueOf(node.inputs[weight]!);
  const inputs = [onesFor(builder, types, node, 1 - weight), builder.node('Mul', [weights, weights])];
  const { alpha, beta: _, ...attributes } = node.attributes;
  const made = builder.reserve('squares');
  builder.append({ ...node, name: '', inputs: weight === 1 ? inputs : inputs.reverse(), attributes, outputs: [made] });
  const squares = builder.node('Mul', [builder.node('Mul', [slope, slope]), made]);
  const flat = builder.node('Flatten', [squares], { axis: 1 });
  const sums = builder.node('ReduceSum', [flat, builder.constant(int64Vector([-1]))], { keepdims: 0 });
  const mean = builder.node('ReduceMean', [sums], { keepdims: 0 });
  const factor = rowsOf(types, node.outputs[0]!) * (alpha?.type === 'float' ? alpha.value ** 2 : 1);
  return factor === 1 ? mean : builder.node('Mul', [mean, builder.constant(scalar(factor))]);
}

/** Ones in the place of what a layer is given, for a single row. */
function onesFor(builder: GraphBuilder, types: ValueTypes, node: Node, index: number): string {
  const name = node.inputs[index]!;
  const dims = types.values.get(name)!.dims.map((size, axis) => (axis === 0 ? 1 : size));
  if (!dims.every((size) => typeof size === 'number')) throw unknownSize(node, name);
  return builder.constant(float32Tensor(dims, new Float32Array(elementCount(dims)).fill(1)));
}

/** Rows of a value for each of the batch's. */
function rowsOf(types: ValueTypes, name: string): number {
  const [rows] = types.values.get(name)!.dims;
  return typeof rows === 'number' ? 1 : parseInt(rows!) || 1;
}

function otherLayer({ op, outputs }: Node): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `The layer "${outputs[0]}" is a ${op}, whose Jacobian is not known from its weights. Expected layers of ${[...LINEAR].join(', ')}, and whatever has no weights. Use jacobian-regularisation, which asks the whole model.`,
  });
}

function unknownSize({ outputs }: Node, input: string): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `The size of "${input}", which the layer "${outputs[0]}" is given, depends on the batch. Expected samples of one size.`,
  });
}
