import type { Attribute, Graph, Node } from '@rampart/onnx';

/** A graph whose values carry other names; names that the map lacks stay. */
export function renameValues(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  if (names.size === 0) return graph;
  const rename = (name: string) => names.get(name) ?? name;
  return {
    name: graph.name,
    inputs: graph.inputs.map((input) => ({ ...input, name: rename(input.name) })),
    outputs: graph.outputs.map((output) => ({ ...output, name: rename(output.name) })),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
    nodes: graph.nodes.map((node) => renameNode(node, names)),
  };
}

function renameNode(node: Node, names: ReadonlyMap<string, string>): Node {
  const rename = (name: string) => names.get(name) ?? name;
  const attributes = Object.entries(node.attributes).map(([key, attribute]): [string, Attribute] =>
    // A branch or loop body reads the values around it by name.
    attribute.type === 'graph'
      ? [key, { type: 'graph', value: renameValues(attribute.value, visible(attribute.value, names)) }]
      : [key, attribute],
  );
  const outputs = node.outputs.map(rename);
  return {
    ...node,
    // A node that stands beside its original must not have its name.
    name: outputs.some((output, index) => output !== node.outputs[index]) ? '' : node.name,
    inputs: node.inputs.map(rename),
    outputs,
    attributes: Object.fromEntries(attributes),
  };
}

/** The renamings that reach into a subgraph: a name that it defines itself means its own value there. */
function visible(graph: Graph, names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const own = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  return new Map([...names].filter(([name]) => !own.has(name)));
}

/** Every name of a value in a graph, those inside its subgraphs included. */
export function valueNames(graph: Graph): Set<string> {
  const names = new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) {
    for (const output of node.outputs) if (output !== '') names.add(output);
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.type === 'graph') for (const name of valueNames(attribute.value)) names.add(name);
    }
  }
  return names;
}

/**
 * One graph of two: `back` reads, as its input `to`, the value `from` of `front`. Both keep their outputs. The names
 * of `back` stay, except its input's, and those of `front` where `back` leaves them free; inputs of `front` always
 * keep theirs.
 */
export function compose(front: Graph, back: Graph, link: { readonly from: string; readonly to: string }): Graph {
  const inputs = new Set(front.inputs.map(({ name }) => name));
  const free = nameSource(valueNames(front), valueNames(back));

  const backNames = new Map<string, string>();
  for (const name of valueNames(back)) if (inputs.has(name) && name !== link.to) backNames.set(name, free(name));
  const taken = valueNames(renameValues(back, backNames));
  taken.delete(link.to);

  const frontNames = new Map<string, string>();
  for (const name of valueNames(front)) if (taken.has(name) && !inputs.has(name)) frontNames.set(name, free(name));
  const renamedFront = renameValues(front, frontNames);
  backNames.set(link.to, frontNames.get(link.from) ?? link.from);
  const renamedBack = renameValues(back, backNames);

  return {
    name: renamedBack.name,
    inputs: renamedFront.inputs,
    outputs: [...renamedFront.outputs, ...renamedBack.outputs],
    initializers: new Map([...renamedFront.initializers, ...renamedBack.initializers]),
    // Node names, unlike those of values, mean nothing to anybody, but two equal ones make a file invalid.
    nodes: [...renamedFront.nodes.map((node) => ({ ...node, name: '' })), ...renamedBack.nodes],
  };
}

function nameSource(...taken: readonly ReadonlySet<string>[]): (hint: string) => string {
  const made = new Set<string>();
  return (hint) => {
    for (let counter = 1; ; counter++) {
      const name = `${hint}_${counter}`;
      if (made.has(name) || taken.some((names) => names.has(name))) continue;
      made.add(name);
      return name;
    }
  };
}
