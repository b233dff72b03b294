import { RampartError, unknownName } from '@rampart/core';
import {
  float32Tensor,
  GraphBuilder,
  int64Vector,
  type Model,
  type Node,
  scalar,
  type ValueInfo,
  type ValueType,
  type ValueTypes,
} from '@rampart/onnx';

/** What a model's output is; `softmax` stands for probabilities of classes however they are made. */
export type OutputKind = 'logits' | 'softmax' | 'log-softmax' | 'sigmoid';

/** A model with its logits as a value of their own. */
export interface Headed {
  readonly model: Model;
  /** The value [batch, classes] to take as logits. */
  readonly logits: string;
  readonly classes: number;
  /** The model's output that it comes from. */
  readonly output: string;
  readonly kind: OutputKind;
}

export interface HeadOptions {
  /** The output to take. Default: the one named `logits`, else the first that has a row of floats a sample. */
  readonly output?: string;
  /** For a model with a single value a sample: the class, 0 or 1, that a large value speaks for. Default 1. */
  readonly positiveIndex?: number;
}

/** What only moves values about, so that the order of classes stays. */
const TRANSPARENT = new Set(['Identity', 'Cast', 'Dropout', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze']);

const FINAL: Readonly<Record<string, OutputKind>> = {
  Softmax: 'softmax',
  LogSoftmax: 'log-softmax',
  Sigmoid: 'sigmoid',
};

/** Operators of scikit-learn's exports that write probabilities; what they are made of is no value of the graph. */
const PROBABILITIES_ML = new Set(['LinearClassifier', 'Normalizer', 'SVMClassifier', 'TreeEnsembleClassifier']);

/** The smallest normal float32: its logarithm, -87.3, stands for that of 0. */
export const TINY = 1.1754944e-38;

/**
 * The model without the final ZipMap that skl2onnx writes by default, which turns rows of probabilities into a
 * sequence of dictionaries.
 */
export function withoutZipMap(model: Model): Model {
  const maps = new Map(
    model.graph.nodes
      .filter(({ op, domain }) => op === 'ZipMap' && domain === 'ai.onnx.ml')
      .map(({ inputs, outputs }) => [outputs[0]!, inputs[0]!]),
  );
  if (maps.size === 0) return model;
  const outputs = model.graph.outputs.map((output): ValueInfo => {
    const rows = maps.get(output.name);
    return rows === undefined ? output : { name: rows, type: 'float32', dims: undefined };
  });
  const nodes = model.graph.nodes.filter(({ outputs: [first] }) => !maps.has(first!));
  return { ...model, graph: { ...model.graph, outputs, nodes } };
}

/**
 * Finds the logits of a classifier: what goes into a final Softmax, LogSoftmax or Sigmoid; the logarithms of
 * probabilities that one of scikit-learn's operators makes; else the output itself. A single value z a sample becomes
 * the two logits 0 and z.
 * @throws RampartError `bad-model` when no output has a row of numbers a sample
 */
export function findLogits(types: ValueTypes, options: HeadOptions = {}): Headed {
  const { model } = types;
  const output = chooseOutput(types, options.output);
  const producers = new Map<string, Node>();
  for (const node of model.graph.nodes) for (const name of node.outputs) producers.set(name, node);

  let value = output;
  let producer = producers.get(value);
  while (producer && producer.domain === '' && TRANSPARENT.has(producer.op)) {
    value = producer.inputs[0]!;
    producer = producers.get(value);
  }
  const final = producer?.domain === '' ? FINAL[producer.op] : undefined;
  const source = final ? producer!.inputs[0]! : withoutIdentity(output, producers);
  const rows = asRows(types, source, options);
  if (!writesProbabilities(producer)) return { ...rows, output, kind: final ?? 'logits' };
  const builder = new GraphBuilder(rows.model.graph);
  const positive = builder.node('Max', [rows.logits, builder.constant(scalar(TINY))]);
  const logits = builder.node('Log', [positive]);
  const graph = builder.build(rows.model.graph.name);
  return { ...rows, model: { ...rows.model, graph }, logits, output, kind: 'softmax' };
}

/** What Identity only gives another name. */
function withoutIdentity(value: string, producers: ReadonlyMap<string, Node>): string {
  const producer = producers.get(value);
  if (producer?.domain !== '' || producer.op !== 'Identity') return value;
  return withoutIdentity(producer.inputs[0]!, producers);
}

function writesProbabilities(node: Node | undefined): boolean {
  if (node?.domain !== 'ai.onnx.ml' || !PROBABILITIES_ML.has(node.op)) return false;
  const transform = node.attributes['post_transform'];
  const raw = transform === undefined || (transform.type === 'string' && transform.value === 'NONE');
  return !(node.op === 'LinearClassifier' && raw);
}

/** Appends what makes float32 rows [batch, size] of a value that has some numbers a sample. */
export function rowsOf(
  builder: GraphBuilder,
  value: string,
  { type, rank }: { readonly type: string; readonly rank: number },
): string {
  let rows = value;
  if (rank === 1) rows = builder.node('Reshape', [rows, builder.constant(int64Vector([-1, 1]))]);
  if (rank > 2) rows = builder.node('Flatten', [rows], { axis: 1 });
  if (type !== 'float32') rows = builder.node('Cast', [rows], { to: 1 });
  return rows;
}

/** Makes rows [batch, classes] of a value. */
function asRows(types: ValueTypes, source: string, options: HeadOptions): Pick<Headed, 'model' | 'logits' | 'classes'> {
  const builder = new GraphBuilder(types.model.graph);
  const rows = classRows(builder, source, types.values.get(source)!, options);
  return { model: { ...types.model, graph: builder.build(types.model.graph.name) }, ...rows };
}

/** Appends what makes rows [batch, classes] of a value; a single value z a sample becomes the two logits 0 and z. */
export function classRows(
  builder: GraphBuilder,
  source: string,
  { type, dims }: ValueType,
  { positiveIndex = 1 }: HeadOptions,
): Pick<Headed, 'logits' | 'classes'> {
  const rows = rowsOf(builder, source, { type, rank: dims.length });
  const classes = rowSize(dims) ?? 0;
  if (classes !== 1) return { logits: rows, classes };
  if (positiveIndex !== 0 && positiveIndex !== 1) {
    throw new RampartError({
      code: 'usage',
      message: `The model has a single output value: its positive class is 0 or 1. Received: ${positiveIndex}.`,
    });
  }
  const signs = positiveIndex === 1 ? [0, 1] : [1, 0];
  return { logits: builder.node('MatMul', [rows, builder.constant(float32Tensor([1, 2], signs))]), classes: 2 };
}

function chooseOutput(types: ValueTypes, wanted: string | undefined): string {
  const names = types.model.graph.outputs.map(({ name }) => name);
  if (wanted !== undefined && !names.includes(wanted)) throw unknownName('model output', wanted, names);
  const candidates = wanted === undefined ? ['logits', ...names] : [wanted];
  const found = candidates.find((name) => {
    const value = names.includes(name) ? types.values.get(name) : undefined;
    if (value?.type !== 'float32' && value?.type !== 'float64' && value?.type !== 'float16') return false;
    const size = rowSize(value.dims);
    // [batch, classes], or with axes of length 1 as a convolution leaves them: no image, no sequence.
    return size !== undefined && value.dims.filter((dim) => dim !== 1).length <= 2;
  });
  if (found !== undefined) return found;
  throw new RampartError({
    code: 'bad-model',
    message: `Expected a classifier: an output of floating-point numbers, one row a sample. Received the outputs ${names
      .map((name) => `${name} ${describe(types, name)}`)
      .join(', ')}.`,
  });
}

/** Elements of one sample's row; undefined where they are not the same for all. */
export function rowSize(dims: readonly (number | string)[]): number | undefined {
  const sizes = dims.slice(1);
  return sizes.every((size) => typeof size === 'number') ? sizes.reduce((a, b) => a * b, 1) : undefined;
}

function describe(types: ValueTypes, name: string): string {
  const value = types.values.get(name);
  return value ? `${value.type}[${value.dims.join(', ')}]` : '(no tensor)';
}
