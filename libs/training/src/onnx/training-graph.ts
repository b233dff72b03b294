import { RampartError } from '@rampart/core';
import {
  differentiate,
  float32Tensor,
  type Graph,
  GraphBuilder,
  type Model,
  normalise,
  probe,
  scalar,
  type Tensor,
  type ValueTypes,
} from '@rampart/onnx';

import { checkObjective, type Objective, type ObjectiveTerm } from '../objective';
import type { Optimiser } from '../optimiser';
import { FlatWeights } from './flat-weights';
import { lossGraph } from './loss-graph';
import { trainableInitializers } from './trainable';
import { type UpdateRule, updateRule } from './update';

/** A value that one step hands to the next: fed as `input`, fetched as `output`. */
export interface StateValue {
  readonly input: string;
  readonly output: string;
  readonly initial: Tensor;
}

/** One step of training as a model: views and state in, loss and state out. */
export interface TrainingGraph {
  readonly model: Model;
  /** The input of every view that the objective names. */
  readonly views: ReadonlyMap<string, string>;
  /** What the rows of `state` hold. */
  readonly weights: FlatWeights;
  /** The weights, then what the optimiser keeps. */
  readonly state: readonly [StateValue, ...StateValue[]];
  /** The scalar inputs that the optimiser computes for every step. */
  readonly factors: readonly string[];
  readonly rule: UpdateRule;
  readonly loss: string;
}

/**
 * Builds the graph of a training step: the model once for every view that is fed to it, with the same weights; the
 * objective's value; its gradient for every weight that it depends on; and the optimiser's update.
 * @throws RampartError `bad-model` when the model has no weights to train or no gradient, `usage` when the objective
 *   names an output that the model lacks
 */
export async function trainingGraph(file: Model, objective: Objective, optimiser: Optimiser): Promise<TrainingGraph> {
  const { terms, weightDecay } = checkObjective(objective);
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
  const rule = updateRule(optimiser);
  const dims = [weights.size];
  const factors = rule.factors.map((name) => builder.input(builder.reserve(name), 'float32', []));
  const slots = rule.slots.map((slot) => builder.input(builder.reserve(slot), 'float32', dims));
  const lossGradient = weights.pack(
    builder,
    weights.names.map((name) => gradients.get(name)!),
  );
  const gradient = weightDecay > 0 ? decayed(builder, lossGradient, row, weights, weightDecay) : lossGradient;
  const next = rule.append(builder, row, gradient, slots, factors);

  const stateValue = (input: string, output: string, initial: Tensor): StateValue => ({
    input,
    output: builder.output(output, 'float32', dims),
    initial,
  });
  const zeros = () => float32Tensor(dims, new Float32Array(weights.size));
  const state: TrainingGraph['state'] = [
    stateValue(row, next.weight, weights.initial()),
    ...slots.map((slot, index) => stateValue(slot, next.slots[index]!, zeros())),
  ];
  builder.output(loss, 'float32', []);
  const graph = builder.build('training');
  return { model: { ...differentiated, graph }, views, weights, state, factors, rule, loss };
}

/** The gradient plus the weights themselves, times the decay, where they are matrices. */
function decayed(builder: GraphBuilder, gradient: string, row: string, weights: FlatWeights, decay: number): string {
  const factors = builder.node('Mul', [builder.constant(weights.isMatrix()), builder.constant(scalar(decay))]);
  return builder.node('Add', [gradient, builder.node('Mul', [row, factors])]);
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
