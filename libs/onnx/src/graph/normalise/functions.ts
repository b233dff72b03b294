import type { GraphBuilder } from '../builder';
import type { Attribute, Graph, LocalFunction, Node } from '../ir';

/**
 * The nodes of a function as one of its calls has them: inputs and outputs named as the call does, everything else
 * named anew, references to attributes replaced by their values, or by their defaults.
 * @param renamed names that are already decided
 */
export function instantiate(
  called: LocalFunction,
  call: Node,
  builder: GraphBuilder,
  renamed: ReadonlyMap<string, string> = new Map(),
): Node[] {
  const names = new Map(renamed);
  called.inputs.forEach((name, i) => names.set(name, call.inputs[i] ?? ''));
  const produced = new Set(called.nodes.flatMap((node) => node.outputs));
  const values = { ...called.defaults, ...call.attributes };
  const nodes: Node[] = [];
  const copies: Node[] = [];
  called.outputs.forEach((name, i) => {
    const wanted = call.outputs[i] ?? '';
    if (wanted === '') return;
    if (produced.has(name) && !names.has(name)) names.set(name, wanted);
    else copies.push(identity(name, wanted));
  });
  for (const node of called.nodes) {
    for (const output of node.outputs) {
      if (output !== '' && !names.has(output))
        names.set(output, builder.reserve(`${call.name || called.name}_${output}`));
    }
    nodes.push(renameNode(node, names, values));
  }
  return [...nodes, ...copies.map((copy) => ({ ...copy, inputs: copy.inputs.map((name) => names.get(name) ?? name) }))];
}

function identity(input: string, output: string): Node {
  return { op: 'Identity', domain: '', name: '', inputs: [input], outputs: [output], attributes: {} };
}

function renameNode(node: Node, names: ReadonlyMap<string, string>, values: Node['attributes']): Node {
  const attributes: [string, Attribute][] = [];
  for (const [name, attribute] of Object.entries(node.attributes)) {
    const value = attribute.type === 'reference' ? values[attribute.value] : attribute;
    // An attribute without a default that the call leaves out is left out inside, too.
    if (!value) continue;
    attributes.push([
      name,
      value.type === 'graph' ? { ...value, value: renameGraph(value.value, names, values) } : value,
    ]);
  }
  return {
    ...node,
    inputs: node.inputs.map((name) => names.get(name) ?? name),
    outputs: node.outputs.map((name) => names.get(name) ?? name),
    attributes: Object.fromEntries(attributes),
  };
}

/** A subgraph whose references to the values around it are renamed; its own names hide those of the same name. */
function renameGraph(graph: Graph, outer: ReadonlyMap<string, string>, values: Node['attributes']): Graph {
  const names = new Map(outer);
  for (const { name } of graph.inputs) names.delete(name);
  for (const name of graph.initializers.keys()) names.delete(name);
  for (const node of graph.nodes) for (const output of node.outputs) names.delete(output);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, names, values)),
    outputs: graph.outputs.map((output) => ({ ...output, name: names.get(output.name) ?? output.name })),
  };
}
