import { RampartError } from '@rampart/core';
import {
  differentiate,
  type Graph,
  GraphBuilder,
  type Model,
  type Node,
  normalise,
  probe,
  type ValueTypes,
} from '@rampart/onnx';

import { checkObjective, type Objective, type ObjectiveTerm } from '../objective';
import { FlatWeights } from './flat-weights';
import { lossGraph } from './loss-graph';
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
  /** Numbers that the model computes for one row of a batch. */
  readonly rowElements: number;
  /** Whether what is computed for a row depends on the batch that it is in. */
  readonly batchDependent: boolean;
}

/**
 * Builds the graph of a gradient: the model once for every view that is fed to it, with the same weights; the
 * objective's value; and its gradient for every weight that it depends on.
 * @throws RampartError `bad-model` when the model has no weights to train or no gradient, `usage` when the objective
 *   names an output that the model lacks
 */
export async function gradientGraph(file: Model, objective: Objective): Promise<GradientGraph> {
  const { terms } = checkObjective(objective);
  const types = await probe(normalise(file));
  checkModel(types, terms);
  const source = types.model.graph;
  const dependent = dependentOn(
    source,
    terms.map(({ output }) => output),
  );
  const weights = new FlatWeights(
    source,
    trainableInitializers(source).filter((name) => dependent.has(name)),
  );
  if (weights.size === 0) throw noWeights();
  const { model, views, weights: row, loss } = lossGraph(types, terms, weights);

  const lossTypes = await probe(model, { feeds: { [row]: weights.initial() } });
  const { model: differentiated, gradients } = differentiate(lossTypes.model, {
    of: loss,
    wrt: weights.names,
    types: lossTypes,
  });

  const builder = new GraphBuilder({ ...differentiated.graph, outputs: [] });
  const gradient = weights.pack(
    builder,
    weights.names.map((name) => gradients.get(name)!),
  );
  builder.output(gradient, 'float32', [weights.size]);
  builder.output(loss, 'float32', []);
  return {
    ...{ model: { ...differentiated, graph: builder.build('training') }, views, weights, row, gradient, loss },
    rowElements: rowElements(types) * new Set(terms.map(({ input }) => input)).size,
    batchDependent: source.nodes.some(takesBatchStatistics),
  };
}

/** A normalisation by the mean and the variance of the batch that it is given. */
function takesBatchStatistics({ attributes }: Node): boolean {
  const mode = attributes['training_mode'];
  return mode?.type === 'int' && mode.value === 1;
}

/** Elements of all values that grow with the batch, for each of its rows. */
function rowElements({ values }: ValueTypes): number {
  let sum = 0;
  for (const { dims } of values.values()) {
    if (dims.every((size) => typeof size === 'number')) continue;
    // A formula such as `4*batch` grows by 4.
    sum += dims.reduce<number>((product, size) => product * (typeof size === 'number' ? size : parseInt(size) || 1), 1);
  }
  return sum;
}

/** Every value that one of the given ones depends on. */
function dependentOn(graph: Graph, outputs: readonly string[]): ReadonlySet<string> {
  const needed = new Set(outputs);
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((output) => needed.has(output))) for (const input of node.inputs) needed.add(input);
  }
  return needed;
}

function checkModel(types: ValueTypes, terms: readonly Required<ObjectiveTerm>[]): void {
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

function noWeights(): RampartError {
  return new RampartError({
    code: 'bad-model',
    message:
      'The model has no weights to train: expected float32 initializers that a Conv, Gemm, MatMul or normalisation uses on the way to the outputs of the objective.',
  });
}
