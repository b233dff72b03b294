import type { Model, ValueTypes } from '@rampart/onnx';

import type { GraphNode } from './inspection';

/** Nodes of the drawing, at most. */
const LIMIT = 2000;

/** The graph as something to draw: constants left out, shapes where they are known. */
export function graphNodes(model: Model, types: ValueTypes | undefined): GraphNode[] {
  const makers = new Map<string, string>();
  return model.graph.nodes.slice(0, LIMIT).map((node, index) => {
    const id = node.outputs.find((name) => name !== '') ?? `${node.op}-${index}`;
    for (const output of node.outputs) makers.set(output, id);
    const after = new Set(node.inputs.flatMap((name) => makers.get(name) ?? []));
    const dims = types?.values.get(id)?.dims;
    return { id, operator: node.op, after: [...after], ...(dims && { shape: `[${dims.join(', ')}]` }) };
  });
}
