import { RampartError } from '@rampart/core';
import { gradientNote } from '@rampart/models';
import {
  differentiate,
  elementsPerRow,
  type Graph,
  GraphBuilder,
  inFastForm,
  type Model,
  normalise,
  probe,
  scalar,
  takesBatchStatistics,
  stepOperators,
  type ValueTypes,
} from '@rampart/onnx';

import { checkObjective, type CompleteTerm, fedViews, isPenalty, type Objective } from '../objective';
import type { InnerAttack } from '../inner-attack';
import { type BatchNormalised, batchNormalised, momenta } from './batch-normalised';
import { FlatWeights } from './flat-weights';
import { frozenNames } from './frozen';
import { type InTwo, inTwo } from './in-two';
import { lossGraph, type LossGraph } from './loss-graph';
import { trainableInitializers } from './trainable';

/** The objective's value and its gradient as a model: views and weights in, loss and gradient out. */
export interface GradientGraph {
  readonly model: Model;
  /** The input of every view that the objective names. */
  readonly views: ReadonlyMap<string, string>;
  /** What the rows of `row` and `gradient` hold. */
  readonly weights: FlatWeights;
  /** The input that takes all trained weights, and the output that is their gradient; the weight decay is not in it. */
  readonly row: string;
  readonly gradient: string;
  readonly loss: string;
  /** The output that is the gradient with respect to the view that a free attack makes. */
  readonly viewGradient: string | undefined;
  /** The running statistics that training moves; undefined where they stay. */
  readonly statistics: RunningStatistics | undefined;
  /** What the inner attack differentiates. */
  readonly inner: InnerGraph | undefined;
  /** Numbers that the model computes for one row of a batch. */
  readonly rowElements: number;
  /** Whether what is computed for a row depends on the batch that it is in. */
  readonly batchDependent: boolean;
}

/** Running means and variances of batch normalisations. */
export interface RunningStatistics {
  readonly flat: FlatWeights;
  /** The output that holds the batch's own, in a row. */
  readonly output: string;
  /** How much of each stays when the batch's own joins it. */
  readonly momentum: Float32Array;
}

/** The gradient of the inner attack's cross-entropy as two models, the first of which computes of the weights alone. */
export interface InnerGraph {
  readonly models: InTwo;
  /** Inputs of the first: the weights, the statistics. */
  readonly row: string;
  readonly statistics: string | undefined;
  /** Inputs of the second, besides what the first one makes: the rows to attack, what they are compared with. */
  readonly points: string;
  readonly aim: string;
  /** Outputs. */
  readonly gradient: string;
  readonly logits: string;
  /** The dimensions of one row of the logits. */
  readonly answer: readonly number[];
}

export interface GradientOptions {
  readonly objective: Objective;
  readonly inner?: InnerAttack | undefined;
  /** Layers whose weights stay: see `frozenNames`. */
  readonly frozen?: readonly string[] | undefined;
  /** Whether batch normalisation takes the batch's statistics and moves the running ones. */
  readonly batchStatistics?: boolean | undefined;
  /** Whether layers stay as the file has them, although other forms are faster on the CPU. */
  readonly exact?: boolean;
}

/**
 * Builds the graph of a gradient: the model once for every view that is fed to it, with the same weights; the
 * objective's value; and its gradient for every weight that it depends on.
 * @throws RampartError `bad-model` when the model has no weights to train or no gradient, `usage` when the objective
 *   names an output that the model lacks
 */
export async function gradientGraph(file: Model, options: GradientOptions): Promise<GradientGraph> {
  const { objective, inner, exact = false } = options;
  const { terms } = checkObjective(objective);
  const types = await probe(normalise(file));
  checkModel(types, terms);
  const straightThrough = gradientNote(file) === 'straight-through';
  if ((inner || terms.some(isPenalty)) && !straightThrough) checkSmooth(types, terms[0]!.output);
  const source = types.model.graph;
  const weights = trainedWeights(source, terms, options.frozen ?? []);
  const normalised = options.batchStatistics ? batchNormalised(source) : undefined;
  const trained = normalised ? { ...types, model: { ...types.model, graph: normalised.graph } } : types;
  const flat = normalised?.statistics.size ? new FlatWeights(source, [...normalised.statistics.keys()]) : undefined;
  // Penalties are differentiated twice, and the contraction looks for the layers of the file.
  const fast = exact || terms.some(isPenalty) ? trained : await inTrainingForm(trained);
  const losses = lossGraph(fast, terms, weights);
  const { views, weights: row, valueOf } = losses;

  const { types: lossTypes, loss } = await totalLoss(losses, terms, weights, straightThrough);
  const free = inner?.free ? views.get(inner.to)! : undefined;
  const { model: differentiated, gradients } = differentiate(lossTypes.model, {
    of: loss,
    wrt: [...weights.names, ...(free === undefined ? [] : [free])],
    types: lossTypes,
    straightThrough,
    without: exact ? ['interleaved-channels'] : [],
  });

  const builder = new GraphBuilder({ ...differentiated.graph, outputs: [] });
  const gradient = weights.pack(
    builder,
    weights.names.map((name) => gradients.get(name)!),
  );
  builder.output(gradient, 'float32', [weights.size]);
  builder.output(loss, 'float32', []);
  const viewGradient = free === undefined ? undefined : builder.output(gradients.get(free)!, 'float32');
  const statistics = flat && runningStatistics(builder, flat, normalised!, source, { fed: fedViews(terms), valueOf });
  return {
    ...{ model: { ...differentiated, graph: builder.build('training') }, views, weights, row, gradient, loss },
    ...{ viewGradient, statistics },
    inner: inner && !inner.free ? await innerGraph(types, inner, { weights, flat, straightThrough, exact }) : undefined,
    rowElements: elementsPerRow(types) * fedViews(terms).length,
    batchDependent: source.nodes.some(takesBatchStatistics),
  };
}

/** The form in which gradients are fastest while weights change. */
async function inTrainingForm(types: ValueTypes): Promise<ValueTypes> {
  return probe(inFastForm(types.model, types, { weightsChange: true }));
}

/** The weights that the objective depends on and that no frozen layer holds. */
function trainedWeights(source: Graph, terms: readonly CompleteTerm[], frozen: readonly string[]): FlatWeights {
  const dependent = dependentOn(
    source,
    terms.map(({ output }) => output),
  );
  const trainable = trainableInitializers(source).filter((name) => dependent.has(name));
  if (trainable.length === 0) throw noWeights();
  const stays = frozenNames(source, trainable, frozen);
  return new FlatWeights(
    source,
    trainable.filter((name) => !stays.has(name)),
  );
}

/** Differentiates what penalties penalise, and appends the objective's value. */
async function totalLoss(
  { model, terms: scalars, weights: row, penalties }: LossGraph,
  terms: readonly CompleteTerm[],
  weights: FlatWeights,
  straightThrough: boolean,
): Promise<{ readonly types: ValueTypes; readonly loss: string }> {
  const feeds = { [row]: weights.initial() };
  let current = model;
  const values = [...scalars];
  for (const [index, { wrt, norm }] of penalties) {
    const types = await probe(current, { feeds });
    const { model: differentiated, gradients } = differentiate(types.model, {
      of: values[index]!,
      wrt,
      types,
      straightThrough,
    });
    const builder = new GraphBuilder(differentiated.graph);
    const penalty = norm(
      builder,
      wrt.map((value) => gradients.get(value)!),
    );
    values[index] = builder.output(penalty, 'float32', []);
    current = { ...differentiated, graph: builder.build('training') };
  }
  const builder = new GraphBuilder({ ...current.graph, outputs: [] });
  const weighted = values.map((value, index) => {
    const { weight } = terms[index]!;
    return weight === 1 ? value : builder.node('Mul', [value, builder.constant(scalar(weight))]);
  });
  const loss = weighted.length === 1 ? weighted[0]! : builder.node('Sum', weighted);
  builder.output(loss, 'float32', []);
  return { types: await probe({ ...current, graph: builder.build('training') }, { feeds }), loss };
}

/** Appends the row of the batch's statistics: their means over the views that are fed. */
function runningStatistics(
  builder: GraphBuilder,
  flat: FlatWeights,
  { statistics }: BatchNormalised,
  source: Graph,
  { fed, valueOf }: { readonly fed: readonly string[] } & Pick<LossGraph, 'valueOf'>,
): RunningStatistics {
  const kept = momenta(source);
  const own = flat.names.map((name) => {
    const parts = fed.map((view) => valueOf(view, statistics.get(name)!));
    return parts.length === 1 ? parts[0]! : builder.node('Mean', parts);
  });
  const output = builder.output(flat.pack(builder, own), 'float32', [flat.size]);
  return { flat, output, momentum: flat.spread((name) => kept.get(name)!) };
}

/** The inner attack's cross-entropy, layers in their inference form, differentiated with respect to what is attacked. */
async function innerGraph(
  types: ValueTypes,
  { to, output }: InnerAttack,
  {
    weights,
    flat,
    straightThrough,
    exact,
  }: {
    readonly weights: FlatWeights;
    readonly flat: FlatWeights | undefined;
    readonly straightThrough: boolean;
    readonly exact: boolean;
  },
): Promise<InnerGraph> {
  const fast = exact ? types : await inTrainingForm(types);
  const term = { loss: 'cross-entropy', input: to, output, target: AIM, temperature: 1, weight: 1 } as const;
  const losses = lossGraph(fast, [term], weights, flat);
  const { views, weights: row, statistics } = losses;
  const feeds = {
    [row]: weights.initial(),
    ...(statistics !== undefined && { [statistics]: flat!.initial() }),
  };
  const lossTypes = await probe(losses.model, { feeds });
  const points = views.get(to)!;
  const { model, gradients } = differentiate(lossTypes.model, {
    of: losses.terms[0]!,
    wrt: [points],
    types: lossTypes,
    straightThrough,
  });
  const builder = new GraphBuilder({ ...model.graph, outputs: [] });
  const gradient = builder.output(gradients.get(points)!, 'float32');
  const logits = builder.output(losses.valueOf(to, output), 'float32');
  return {
    models: await inTwo({ ...model, graph: builder.build('inner attack') }, feeds),
    ...{ points, aim: views.get(AIM)!, row, statistics, gradient, logits },
    answer: types.values.get(output)!.dims.slice(1).map(Number),
  };
}

/** The view that an inner attack compares with. */
const AIM = 'aim';

/** Every value that one of the given ones depends on. */
function dependentOn(graph: Graph, outputs: readonly string[]): ReadonlySet<string> {
  const needed = new Set(outputs);
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((output) => needed.has(output))) for (const input of node.inputs) needed.add(input);
  }
  return needed;
}

function checkModel(types: ValueTypes, terms: readonly CompleteTerm[]): void {
  const { inputs, outputs } = types.model.graph;
  if (types.batch !== undefined) {
    throw new RampartError({
      code: 'bad-model',
      message: `The model runs at batch size ${types.batch} only. Expected one whose batch size is free, as training takes batches of several sizes: export it with a dynamic batch axis.`,
    });
  }
  if (inputs.length !== 1) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected a model with one input to train. Received ${inputs.length}: ${inputs.map(({ name }) => name).join(', ') || 'none'}.`,
    });
  }
  for (const { output } of terms) {
    if (outputs.some(({ name }) => name === output)) continue;
    throw new RampartError({
      code: 'usage',
      message: `The training objective names the output "${output}". The model's outputs: ${outputs.map(({ name }) => name).join(', ')}.`,
    });
  }
}

/** @throws RampartError `bad-model` where the gradient with respect to the image is zero whatever the image */
function checkSmooth(types: ValueTypes, output: string): void {
  const { operators, everywhere } = stepOperators(types, { from: types.model.graph.inputs[0]!.name, to: output });
  if (!everywhere) return;
  throw new RampartError({
    code: 'bad-model',
    message: `The model changes in steps (${operators.join(', ')}), so that its gradient with respect to the image is zero: an example made by it would be the image itself. Expected a smooth model, or the metadata entry "rampart.gradient" to be "straight-through", which passes gradients through steps. Train what is behind the steps, or give an attack that asks for no gradients.`,
  });
}

function noWeights(): RampartError {
  return new RampartError({
    code: 'bad-model',
    message:
      'The model has no weights to train: expected float32 initializers that a Conv, Gemm, MatMul or normalisation uses on the way to the outputs of the objective.',
  });
}
