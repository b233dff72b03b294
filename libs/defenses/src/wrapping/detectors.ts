import { compose, renameValues, valueNames } from '@rampart/models';
import { type Graph, GraphBuilder, int64Vector, type Model, scalar } from '@rampart/onnx';

import { RECONSTRUCTION } from '../autoencoder-defense';

/** What tells that an image is no usual one. */
export type Detector =
  /** The mean of |x - ae(x)|^p over the features. */
  | { readonly error: 1 | 2 }
  /** The Jensen-Shannon divergence of the softmax at a temperature of the model's answer to ae(x) from that to x. */
  | { readonly temperature: number };

/** The output of what every detector measures: [batch, detectors]. */
export const MEASURES = 'measures';

/** What an excess of a measure over its threshold by as much again counts for, in logits. */
const SCALE = 10;

/** Keeps logarithms finite. */
const TINY = 1e-12;

/** An autoencoder in front of a model, and the model once more on what it is given itself. */
interface Guarded {
  readonly builder: GraphBuilder;
  /** The model's answer to what the autoencoder makes of images. */
  readonly logits: string;
  readonly measures: string;
}

/**
 * The model whose output is what detectors measure of each image.
 * @param autoencoder input `input`, output `reconstruction`, both in normal form
 * @param model of the own form: input `input` [batch, channels, height, width], output `logits` [batch, classes]
 */
export function measuring(autoencoder: Model, model: Model, detectors: readonly Detector[]): Model {
  const { builder, measures } = guarded(autoencoder, model, detectors);
  builder.node('Identity', [measures], {}, { outputs: [MEASURES] });
  builder.output(MEASURES, 'float32', ['batch', detectors.length]);
  return { ...model, opsets: newest(autoencoder, model), graph: builder.build('detectors') };
}

/**
 * The model behind the autoencoder with one column more, which wins where a measure is above its threshold: the largest
 * logit plus the largest excess, as a part of its threshold.
 */
export function rejecting(
  autoencoder: Model,
  model: Model,
  { detectors, thresholds }: { readonly detectors: readonly Detector[]; readonly thresholds: Float32Array },
): Model {
  const { builder, logits, measures } = guarded(autoencoder, model, detectors);
  const last = builder.constant(int64Vector([1]));
  const limits = builder.constant({ type: 'float32', dims: [1, detectors.length], data: thresholds });
  const excess = builder.node('Div', [builder.node('Sub', [measures, limits]), limits]);
  const most = builder.node('ReduceMax', [excess, last], { keepdims: 1 });
  const largest = builder.node('ReduceMax', [logits, last], { keepdims: 1 });
  const rejected = builder.node('Add', [largest, builder.node('Mul', [most, builder.constant(scalar(SCALE))])]);
  const [scores] = builder.node('Concat', [logits, rejected], { axis: 1 }, { outputs: ['logits'] });
  const dims = model.graph.outputs.find(({ name }) => name === 'logits')!.dims!;
  builder.output(scores!, 'float32', ['batch', Number(dims.at(-1)) + 1]);
  const metadata = new Map(model.metadata);
  metadata.delete('rampart.architecture');
  return { ...model, metadata, opsets: newest(autoencoder, model), graph: builder.build('magnet') };
}

function guarded(autoencoder: Model, model: Model, detectors: readonly Detector[]): Guarded {
  const input = autoencoder.graph.inputs[0]!.name;
  const joined = compose(autoencoder.graph, answering(model.graph), {
    from: RECONSTRUCTION,
    to: model.graph.inputs[0]!.name,
  });
  const builder = new GraphBuilder({ ...joined, outputs: [] });
  const cleaned = joined.outputs[0]!.name;
  const direct = copied(builder, model.graph, input);
  const rows = builder.constant(int64Vector([-1]));
  const difference = builder.node('Flatten', [builder.node('Sub', [input, cleaned])], { axis: 1 });
  const measured = detectors.map((detector) => {
    if ('temperature' in detector) return divergence(builder, [direct, ANSWER], detector.temperature);
    const powers =
      detector.error === 1 ? builder.node('Abs', [difference]) : builder.node('Mul', [difference, difference]);
    return builder.node('ReduceMean', [powers, rows], { keepdims: 1 });
  });
  return { builder, logits: ANSWER, measures: builder.node('Concat', measured, { axis: 1 }) };
}

/** What the model's logits are called inside. */
const ANSWER = 'answer';

/** The model's graph with its logits alone, under their inner name. */
function answering(graph: Graph): Graph {
  const named = renameValues(graph, new Map([['logits', ANSWER]]));
  return { ...named, outputs: named.outputs.filter(({ name }) => name === ANSWER) };
}

/** Appends a model's computation once more, with the same weights, of another value. Returns its logits. */
function copied(builder: GraphBuilder, graph: Graph, input: string): string {
  const shared = new Set(graph.initializers.keys());
  const names = new Map(
    [...valueNames(graph)].filter((name) => !shared.has(name)).map((name) => [name, builder.reserve(`direct/${name}`)]),
  );
  names.set(graph.inputs[0]!.name, input);
  for (const node of renameValues(graph, names).nodes) builder.append({ ...node, name: '' });
  return names.get('logits')!;
}

function divergence(builder: GraphBuilder, answers: readonly string[], temperature: number): string {
  const number = (value: number) => builder.constant(scalar(value));
  const last = builder.constant(int64Vector([-1]));
  const logarithms = answers.map((logits) =>
    builder.node('LogSoftmax', [builder.node('Div', [logits, number(temperature)])], { axis: -1 }),
  );
  const shares = logarithms.map((one) => builder.node('Exp', [one]));
  const middle = builder.node('Mul', [builder.node('Add', shares), number(0.5)]);
  const logarithm = builder.node('Log', [builder.node('Add', [middle, number(TINY)])]);
  const halves = shares.map((share, index) =>
    builder.node('Mul', [share, builder.node('Sub', [logarithms[index]!, logarithm])]),
  );
  const sum = builder.node('ReduceSum', [builder.node('Add', halves), last], { keepdims: 1 });
  return builder.node('Mul', [sum, number(0.5)]);
}

function newest(a: Model, b: Model): Map<string, number> {
  const opset = Math.max(a.opsets.get('') ?? 0, b.opsets.get('') ?? 0);
  return new Map([...a.opsets, ...b.opsets]).set('', opset);
}
