import { RampartError } from '@rampart/core';
import { renameValues, valueNames } from '@rampart/models';
import {
  differentiate,
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
import { termLoss } from './loss';
import { trainableInitializers } from './trainable';
import { type UpdateRule, updateRule } from './update';

/** A value that one step hands to the next: fed as `input`, fetched as `output`. */
export interface StateValue {
  readonly input: string;
  readonly output: string;
  readonly initial: Tensor;
  /** The initializer that it is; undefined for what only the optimiser needs. */
  readonly weight: string | undefined;
}

/** One step of training as a model: views and state in, loss and state out. */
export interface TrainingGraph {
  readonly model: Model;
  /** The input of every view that the objective names. */
  readonly views: ReadonlyMap<string, string>;
  readonly state: readonly StateValue[];
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
  const dependent = dependentOn(
    types.model.graph,
    terms.map(({ output }) => output),
  );
  const weights = trainableInitializers(types.model.graph).filter((name) => dependent.has(name));
  if (weights.length === 0) throw noWeights();
  const { model, views, losses } = withLosses(types, terms, weights);

  const feeds = Object.fromEntries(weights.map((name) => [name, types.model.graph.initializers.get(name)!]));
  const lossTypes = await probe(model, { feeds });
  const { model: differentiated, gradients } = differentiate(lossTypes.model, {
    of: losses,
    wrt: weights,
    types: lossTypes,
  });

  const builder = new GraphBuilder({ ...differentiated.graph, outputs: [] });
  const rule = updateRule(optimiser);
  const factors = rule.factors.map((name) => builder.input(builder.reserve(name), 'float32', []));
  const state = weights.flatMap((name) =>
    appendUpdate(builder, name, gradients.get(name)!, feeds[name]!, { rule, factors, weightDecay }),
  );
  builder.output(losses, 'float32', []);
  return {
    model: { ...differentiated, graph: builder.build('training') },
    views,
    state,
    factors,
    rule,
    loss: losses,
  };
}

/** The model for each view that is fed to it, its weights as inputs, and the objective's value behind them. */
function withLosses(types: ValueTypes, terms: readonly Required<ObjectiveTerm>[], weights: readonly string[]) {
  const source = types.model.graph;
  const input = source.inputs[0]!;
  const free = new GraphBuilder(source);
  const views = new Map<string, string>();
  const instances = new Map<string, Graph>();
  for (const view of new Set(terms.map((term) => term.input))) {
    const name = free.unique(`view/${view}`);
    views.set(view, name);
    // The first instance keeps the names; the others' values are named after their view.
    const names = new Map(
      instances.size === 0 ? [] : computedNames(source).map((value) => [value, free.unique(`${value}/${view}`)]),
    );
    instances.set(view, renameValues(source, names.set(input.name, name)));
  }

  const targets = new Map<string, string>();
  for (const { target } of terms) {
    if (!views.has(target) && !targets.has(target)) targets.set(target, free.unique(`view/${target}`));
  }
  const trained = new Set(weights);
  const initializers = new Map([...source.initializers].filter(([name]) => !trained.has(name)));
  const rowsOf = (value: string) => ['batch', ...types.values.get(value)!.dims.slice(1)];
  const builder = new GraphBuilder({
    name: 'training',
    inputs: [
      ...[...views.values()].map((name) => ({ ...input, name })),
      ...[...targets].map(([target, name]) => {
        const { output } = terms.find((term) => term.target === target)!;
        return { name, type: 'float32' as const, dims: rowsOf(output) };
      }),
      ...weights.map((name) => ({ name, type: 'float32' as const, dims: source.initializers.get(name)!.dims })),
    ],
    outputs: [],
    initializers,
    nodes: [...instances.values()].flatMap(({ nodes }) => nodes),
  });
  const all = new Map([...views, ...targets]);
  const losses = terms.map((term) => {
    const { outputs } = instances.get(term.input)!;
    const output = outputs[source.outputs.findIndex(({ name }) => name === term.output)]!.name;
    const loss = termLoss(builder, term, output, all.get(term.target)!);
    return term.weight === 1 ? loss : builder.node('Mul', [loss, builder.constant(scalar(term.weight))]);
  });
  const total = losses.length === 1 ? losses[0]! : builder.node('Sum', losses);
  builder.output(total, 'float32', []);
  return { model: { ...types.model, graph: builder.build('training') }, views: all, losses: total };
}

function computedNames(graph: Graph): string[] {
  const constant = new Set([...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
  return [...valueNames(graph)].filter((name) => !constant.has(name));
}

interface UpdateContext {
  readonly rule: UpdateRule;
  readonly factors: readonly string[];
  readonly weightDecay: number;
}

function appendUpdate(
  builder: GraphBuilder,
  name: string,
  lossGradient: string,
  initial: Tensor,
  { rule, factors, weightDecay }: UpdateContext,
): StateValue[] {
  const { dims } = initial;
  const decays = weightDecay > 0 && dims.length >= 2;
  const gradient = decays
    ? builder.node('Add', [lossGradient, builder.node('Mul', [name, builder.constant(scalar(weightDecay))])])
    : lossGradient;
  const slots = rule.slots.map((slot) => builder.input(builder.reserve(`${name}/${slot}`), 'float32', dims));
  const next = rule.append(builder, name, gradient, slots, factors);
  const zeros = (): Tensor => ({ type: 'float32', dims, data: new Float32Array(initial.data.length) });
  return [
    { input: name, output: builder.output(next.weight, 'float32', dims), initial, weight: name },
    ...slots.map((slot, index) => ({
      input: slot,
      output: builder.output(next.slots[index]!, 'float32', dims),
      initial: zeros(),
      weight: undefined,
    })),
  ];
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
