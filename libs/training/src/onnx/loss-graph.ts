import { renameValues, valueNames } from '@rampart/models';
import { type Graph, GraphBuilder, type Model, type ValueTypes } from '@rampart/onnx';

import { comparedViews, type CompleteTerm, fedViews, isPenalty } from '../objective';
import { withOwnStatistics } from './batch-normalised';
import { contraction } from './contraction';
import type { FlatWeights } from './flat-weights';
import { type Compared, penalised, type Penalty, squaredNorm, termLoss } from './loss';

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
  /** For each term that is a penalty, what it is differentiated by. */
  readonly penalties: ReadonlyMap<number, Penalty>;
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
  nodes.forEach((node, index) => builder.append(withOwnStatistics(builder, source.initializers, node, index)));

  const valueOf = (view: string, name: string) => renamed.get(view)!.get(name) ?? name;
  const penalties = new Map<number, Penalty>();
  const scalars = terms.map((term, index) => {
    const { output, target, doubt } = term;
    if (term.loss === 'contraction') {
      const { sum, ...penalty } = contraction(builder, types, { output, valueOf: (name) => valueOf(term.input, name) });
      penalties.set(index, penalty);
      return sum;
    }
    if (isPenalty(term)) penalties.set(index, squaredNorm(views.get(term.input)!));
    const compared: Compared = {
      output: valueOf(term.input, output),
      target: typeof target === 'object' ? { logits: valueOf(target.answerTo, output) } : views.get(target!)!,
      ...(doubt && { doubt: { logits: valueOf(doubt.answerTo, output), labels: views.get(doubt.labels)! } }),
    };
    return (isPenalty(term) ? penalised : termLoss)(builder, term, compared);
  });
  for (const value of scalars) builder.output(value, 'float32', []);
  return {
    model: { ...types.model, graph: builder.build('training') },
    ...{ views, weights: row, statistics: running, terms: scalars, penalties, valueOf },
  };
}

function computedNames(graph: Graph): string[] {
  const constant = new Set([...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
  return [...valueNames(graph)].filter((name) => !constant.has(name));
}
