import { renameValues, valueNames } from '@rampart/models';
import { type Graph, GraphBuilder, type Model, scalar, type ValueTypes } from '@rampart/onnx';

import type { ObjectiveTerm } from '../objective';
import type { FlatWeights } from './flat-weights';
import { termLoss } from './loss';

/** A model with the value of an objective. */
export interface LossGraph {
  readonly model: Model;
  /** The input of every view that the objective names. */
  readonly views: ReadonlyMap<string, string>;
  /** The input that takes all trained weights in a row. */
  readonly weights: string;
  /** The scalar value of the objective. */
  readonly loss: string;
}

/** The model once for each view that is fed to it, all with the same weights, and the objective's value behind them. */
export function lossGraph(
  types: ValueTypes,
  terms: readonly Required<ObjectiveTerm>[],
  weights: FlatWeights,
): LossGraph {
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

  const nodes = [...instances.values()].flatMap((instance) => instance.nodes);
  const reserved = [...weights.names, ...nodes.flatMap(({ name, outputs }) => [name, ...outputs])];
  const trained = new Set(weights.names);
  const initializers = new Map([...source.initializers].filter(([name]) => !trained.has(name)));
  const inputs = [...views.values()].map((name) => ({ ...input, name }));
  const builder = new GraphBuilder({ name: 'training', inputs, outputs: [], initializers, nodes: [] }, { reserved });
  for (const { target, output } of terms) {
    if (views.has(target)) continue;
    const dims = ['batch', ...types.values.get(output)!.dims.slice(1)];
    views.set(target, builder.input(builder.reserve(`view/${target}`), 'float32', dims));
  }
  const row = builder.input(builder.reserve('weights'), 'float32', [weights.size]);
  weights.unpack(builder, row);
  for (const node of nodes) builder.append(node);

  const losses = terms.map((term) => {
    const { outputs } = instances.get(term.input)!;
    const output = outputs[source.outputs.findIndex(({ name }) => name === term.output)]!.name;
    const loss = termLoss(builder, term, output, views.get(term.target)!);
    return term.weight === 1 ? loss : builder.node('Mul', [loss, builder.constant(scalar(term.weight))]);
  });
  const loss = losses.length === 1 ? losses[0]! : builder.node('Sum', losses);
  builder.output(loss, 'float32', []);
  return { model: { ...types.model, graph: builder.build('training') }, views, weights: row, loss };
}

function computedNames(graph: Graph): string[] {
  const constant = new Set([...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
  return [...valueNames(graph)].filter((name) => !constant.has(name));
}
