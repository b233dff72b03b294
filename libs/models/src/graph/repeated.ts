import {
  float,
  GraphBuilder,
  int64Vector,
  type Model,
  normalise,
  readModel,
  scalar,
  type ValueInfo,
  withOutputs,
  writeModel,
} from '@rampart/onnx';

import { compose, renameValues } from './compose';

/** The metadata entry that says where in the graph the noisy copies are, and what is made of each. */
const SMOOTHED = 'rampart.smoothed';

export interface RepeatedOptions {
  /** Noisy copies of an image. */
  readonly copies: number;
  /** Standard deviation of the noise, in the units of the model's input. */
  readonly sigma: number;
  /** The mean of the copies' logits, or the logarithm of the part of them that each class wins. */
  readonly answer: 'mean' | 'vote';
}

/**
 * A model that answers for several noisy copies of each image at once, as one graph.
 * @param file a model of the own form: input `input` [batch, channels, height, width], output `logits` [batch, classes]
 * @returns the same form
 */
export function repeated(file: Uint8Array, { copies, sigma, answer }: RepeatedOptions): Uint8Array {
  const model = normalise(readModel(file));
  const [input] = model.graph.inputs;
  const logits = model.graph.outputs.find(({ name }) => name === 'logits');
  const classes = Number(logits!.dims!.at(-1));
  const front = new GraphBuilder();
  const sizes = input!.dims!.slice(1).map(Number);
  const ints = (builder: GraphBuilder, ...values: number[]) => builder.constant(int64Vector(values));
  front.input('input', 'float32', ['batch', ...sizes]);
  const one = front.node('Unsqueeze', ['input', ints(front, 1)]);
  const several = front.node('Expand', [one, ints(front, 1, copies, ...sizes.map(() => 1))]);
  const rows = front.node('Reshape', [several, ints(front, -1, ...sizes)]);
  const noise = front.node('RandomNormalLike', [rows], { mean: float(0), scale: float(sigma) });
  front.output(front.node('Add', [rows, noise], {}, { outputs: ['noisy'] })[0]!, 'float32');

  const back = new GraphBuilder();
  back.input('each', 'float32', ['rows', classes]);
  const grouped = (value: string) => back.node('Reshape', [value, ints(back, -1, copies, classes)]);
  const share = (value: string) =>
    back.node('Div', [
      back.node('ReduceSum', [grouped(value), ints(back, 1)], { keepdims: 0 }),
      back.constant(scalar(copies)),
    ]);
  if (answer === 'mean') back.node('Identity', [share('each')], {}, { outputs: ['logits'] });
  else {
    const won = share(back.node('Hardmax', ['each'], { axis: -1 }));
    // A class that wins none stays finite.
    const counted = back.node('Add', [won, back.constant(scalar(0.5 / copies))]);
    back.node('Log', [counted], {}, { outputs: ['logits'] });
  }
  back.output('logits', 'float32', ['batch', classes]);

  const lean = { ...model.graph, outputs: [logits!] };
  const inside = compose(front.build('front'), lean, { from: 'noisy', to: input!.name });
  const graph = compose(inside, back.build('back'), { from: inside.outputs.at(-1)!.name, to: 'each' });
  const [noisy, each] = graph.outputs as [ValueInfo, ValueInfo];
  const metadata = new Map(model.metadata);
  metadata.delete('rampart.architecture');
  metadata.set(SMOOTHED, JSON.stringify({ sigma, noisy: noisy.name, each: each.name }));
  const whole: Model = { ...model, metadata, graph: { ...graph, outputs: [graph.outputs.at(-1)!] } };
  return writeModel(whole);
}

/** The operators that `repeated` puts before a model's input, and those that it makes its answer with. */
const BEFORE = ['Unsqueeze', 'Expand', 'Reshape', 'RandomNormalLike', 'Add'];
const AFTER = new Set(['Reshape', 'ReduceSum', 'Div', 'Identity', 'Hardmax', 'Add', 'Log']);

/** Whether a model makes the noisy copies of its very input and answers by them alone: nothing was put around it since. */
function isWhole(model: Model, noisy: string, each: string): boolean {
  const before = withOutputs(model, [noisy]).graph.nodes.map(({ op }) => op);
  const inside = new Set(withOutputs(model, [each]).graph.nodes.flatMap(({ outputs }) => outputs));
  const after = withOutputs(model, [model.graph.outputs[0]!.name]).graph.nodes.filter(
    ({ outputs }) => !outputs.some((name) => inside.has(name)),
  );
  return before.join() === BEFORE.join() && inside.has(each) && after.every(({ op }) => AFTER.has(op));
}

/**
 * The model behind the noise of a repeated one, and the noise's deviation; undefined where a file is none, or something
 * was put around one since, of which nothing is known.
 */
export function smoothedModel(file: Uint8Array): { readonly model: Model; readonly sigma: number } | undefined {
  const whole = readModel(file);
  const note = whole.metadata.get(SMOOTHED);
  if (note === undefined) return undefined;
  const { sigma, noisy, each } = JSON.parse(note) as { sigma: number; noisy: string; each: string };
  if (!isWhole(whole, noisy, each)) return undefined;
  const [input, logits] = [whole.graph.inputs[0]!, whole.graph.outputs[0]!];
  const behind = { ...whole.graph, nodes: whole.graph.nodes.filter(({ outputs }) => !outputs.includes(noisy)) };
  const { graph } = withOutputs({ ...whole, graph: { ...behind, inputs: [{ ...input, name: noisy }] } }, [each]);
  const names = new Map([
    [logits.name, `${logits.name}/smoothed`],
    [each, logits.name],
  ]);
  const named = renameValues(graph, names);
  const metadata = new Map(whole.metadata);
  metadata.delete(SMOOTHED);
  metadata.delete('rampart.gradient');
  return { sigma, model: { ...whole, metadata, graph: { ...named, outputs: [logits] } } };
}
