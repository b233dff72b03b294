import type { Graph, Node } from './ir';

const KNOWN = new WeakMap<Graph, ReadonlyMap<string, Node>>();

/** The operators of a graph by the names of what they make; remembered, as graphs are not changed. */
export function producersOf(graph: Graph): ReadonlyMap<string, Node> {
  const known = KNOWN.get(graph);
  if (known) return known;
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  KNOWN.set(graph, producers);
  return producers;
}
