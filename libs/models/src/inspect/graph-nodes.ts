import type { Attribute, Model, Tensor, ValueTypes } from '@rampart/onnx';

import type { GraphNode } from './inspection';

/** Nodes of the drawing, at most. */
const LIMIT = 2000;
/** Letters of one attribute, at most. */
const LETTERS = 120;

/** The graph as something to draw: constants with the nodes that read them, shapes where they are known. */
export function graphNodes(model: Model, types: ValueTypes | undefined): GraphNode[] {
  const { nodes, initializers } = model.graph;
  const makers = new Map<string, string>();
  return nodes.slice(0, LIMIT).map((node, index) => {
    const id = node.outputs.find((name) => name !== '') ?? `${node.op}-${index}`;
    for (const output of node.outputs) makers.set(output, id);
    const after = new Set(node.inputs.flatMap((name) => makers.get(name) ?? []));
    const dims = types?.values.get(id)?.dims;
    const attributes = Object.entries(node.attributes).map(([name, value]) => [name, attributeText(value)] as const);
    const constants = node.inputs.flatMap((name) => {
      const tensor = initializers.get(name);
      return tensor ? [[name, tensorText(tensor)] as const] : [];
    });
    return {
      id,
      operator: node.op,
      after: [...after],
      ...(dims && { shape: `[${dims.join(', ')}]` }),
      ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
      ...(constants.length > 0 && { constants: Object.fromEntries(constants) }),
    };
  });
}

function attributeText(attribute: Attribute): string {
  switch (attribute.type) {
    case 'int':
    case 'string':
      return short(String(attribute.value));
    case 'float':
      return numberText(attribute.value);
    case 'ints':
    case 'strings':
      return short(`[${attribute.value.join(', ')}]`);
    case 'floats':
      return short(`[${attribute.value.map(numberText).join(', ')}]`);
    case 'tensor':
      return tensorText(attribute.value);
    case 'graph':
      return `a graph of ${attribute.value.nodes.length} nodes`;
    case 'reference':
      return `the function's ${attribute.value}`;
    case 'opaque':
      return `${attribute.value.length} bytes`;
  }
}

/** `float32[6, 1, 5, 5]`, or its value where it has only one. */
function tensorText({ type, dims, data }: Tensor): string {
  if (data.length !== 1 || type === 'float16' || type === 'bfloat16') return `${type}[${dims.join(', ')}]`;
  const [value] = data;
  return short(`${type} ${typeof value === 'number' ? numberText(value) : String(value)}`);
}

/** Float32 values have no more digits than these. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(7)));
}

function short(text: string): string {
  return text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text;
}
