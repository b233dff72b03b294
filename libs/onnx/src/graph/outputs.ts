import type { Graph, Model, Node, ValueInfo } from './ir';

/**
 * The same model with other outputs: values of any kind that its graph makes. What only other outputs needed is left
 * out, so that a session does not compute it.
 * @param options.inputs `used` drops the inputs that nothing depends on any more, so that they need not be fed
 */
export function withOutputs(
  model: Model,
  names: readonly string[],
  options: { readonly inputs?: 'all' | 'used' } = {},
): Model {
  const graph = graphFor(model.graph, names);
  const used = new Set([...names, ...graph.nodes.flatMap((node) => [...usedBy(node)])]);
  const inputs = options.inputs === 'used' ? graph.inputs.filter(({ name }) => used.has(name)) : graph.inputs;
  return { ...model, graph: { ...graph, inputs } };
}

/** The same graph with other outputs, without what they do not need. */
export function graphFor(graph: Graph, names: readonly string[]): Graph {
  const outputs = names.map(
    (name): ValueInfo =>
      graph.outputs.find((output) => output.name === name) ?? { name, type: 'other', dims: undefined },
  );
  const needed = new Set(names);
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    kept.push(node);
    for (const name of usedBy(node)) needed.add(name);
  }
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: kept.reverse(), outputs, initializers };
}

/** Names that a node takes from the graph around it, its subgraphs included. */
export function* usedBy(node: Node): Generator<string> {
  yield* node.inputs;
  for (const attribute of Object.values(node.attributes)) {
    if (attribute.type !== 'graph') continue;
    for (const inner of attribute.value.nodes) yield* usedBy(inner);
    for (const { name } of attribute.value.outputs) yield name;
  }
}

/** Names of the values that a graph has itself. */
export function* namesIn(graph: Graph): Generator<string> {
  for (const { name } of graph.inputs) yield name;
  yield* graph.initializers.keys();
  for (const node of graph.nodes) yield* node.outputs;
}

/** Names, each once, that a graph inside of a node takes from the graphs around it. */
export function usedAround(graph: Graph): string[] {
  const own = new Set(namesIn(graph));
  const used = [...graph.nodes.flatMap((node) => [...usedBy(node)]), ...graph.outputs.map(({ name }) => name)];
  return [...new Set(used)].filter((name) => name !== '' && !own.has(name));
}
