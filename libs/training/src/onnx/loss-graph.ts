import { renameValues, valueNames } from '@rampart/models';
import { type Graph, GraphBuilder, type Model, type ValueTypes } from '@rampart/onnx';

import { comparedViews, type CompleteTerm, fedViews, isPenalty } from '../objective';
import type { FlatWeights } from './flat-weights';
import { type Compared, penalised, termLoss } from './loss';

/** A model with the value of an objective. */
export interface LossGraph {
  readonly model: Model;
  /** The input of every view that the objective names. */
  readonly views: ReadonlyMap<string, string>;
  /** The input that takes all trained weights in a row. */
  readonly weights: string;
  /** The input that takes the running statistics in a row; undefined where they are constants. */
  readonly statistics: string | undefined;
  /** A scalar a term: its mean loss before its weight; of a penalty the sum that is to be differentiated. */
  readonly terms: readonly string[];
  /** The values of the source's computation for each view that is fed to it, by their names in the source. */
  readonly valueOf: (view: string, name: string) => string;
}

/** The model once for each view that is fed to it, all with the same weights, and the objective's terms behind them. */
export function lossGraph(
  types: ValueTypes,
  terms: readonly CompleteTerm[],
  weights: FlatWeights,
  statistics?: FlatWeights,
): LossGraph {
  const source = types.model.graph;
  const input = source.inputs[0]!;
  const free = new GraphBuilder(source);
  const views = new Map<string, string>();
  const instances = new Map<string, Graph>();
  const renamed = new Map<string, ReadonlyMap<string, string>>();
  for (const view of fedViews(terms)) {
    const name = free.unique(`view/${view}`);
    views.set(view, name);
    // The first instance keeps the names; the others' values are named after their view.
    const names = new Map(
      instances.size === 0 ? [] : computedNames(source).map((value) => [value, free.unique(`${value}/${view}`)]),
    );
    renamed.set(view, names.set(input.name, name));
    instances.set(view, renameValues(source, names));
  }

  const nodes = [...instances.values()].flatMap((instance) => instance.nodes);
  const taken = [...weights.names, ...(statistics?.names ?? [])];
  const reserved = [...taken, ...nodes.flatMap(({ name, outputs }) => [name, ...outputs])];
  const fed = new Set(taken);
  const initializers = new Map([...source.initializers].filter(([name]) => !fed.has(name)));
  const inputs = [...views.values()].map((name) => ({ ...input, name }));
  const builder = new GraphBuilder({ name: 'training', inputs, outputs: [], initializers, nodes: [] }, { reserved });
  for (const view of comparedViews(terms)) {
    if (views.has(view)) continue;
    const { output } = terms.find(({ target, doubt }) => target === view || doubt?.labels === view)!;
    const dims = ['batch', ...types.values.get(output)!.dims.slice(1)];
    views.set(view, builder.input(builder.reserve(`view/${view}`), 'float32', dims));
  }
  const row = builder.input(builder.reserve('weights'), 'float32', [weights.size]);
  weights.unpack(builder, row);
  const running = statistics && builder.input(builder.reserve('statistics'), 'float32', [statistics.size]);
  if (running !== undefined) statistics!.unpack(builder, running);
  for (const node of nodes) builder.append(node);

  const valueOf = (view: string, name: string) => renamed.get(view)!.get(name) ?? name;
  const scalars = terms.map((term) => {
    const { output, target, doubt } = term;
    const compared: Compared = {
      output: valueOf(term.input, output),
      target: typeof target === 'string' ? views.get(target)! : { logits: valueOf(target.answerTo, output) },
      ...(doubt && { doubt: { logits: valueOf(doubt.answerTo, output), labels: views.get(doubt.labels)! } }),
    };
    return (isPenalty(term) ? penalised : termLoss)(builder, term, compared);
  });
  for (const value of scalars) builder.output(value, 'float32', []);
  return {
    model: { ...types.model, graph: builder.build('training') },
    ...{ views, weights: row, statistics: running, terms: scalars, valueOf },
  };
}

function computedNames(graph: Graph): string[] {
  const constant = new Set([...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
  return [...valueNames(graph)].filter((name) => !constant.has(name));
}
