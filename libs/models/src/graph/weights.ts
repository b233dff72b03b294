import { type Model, type Node, normalise, type Tensor } from '@rampart/onnx';

/**
 * The model with other values for some of its weights, wherever the file keeps them: initializers, or Constant nodes,
 * which become initializers. A file that keeps them in a function of its own is returned in normal form.
 */
export function withWeights(model: Model, weights: ReadonlyMap<string, Tensor>): Model {
  return replaced(model, weights) ?? replaced(normalise(model), weights) ?? model;
}

/** Undefined where one of the weights is nowhere in the main graph. */
function replaced(model: Model, weights: ReadonlyMap<string, Tensor>): Model | undefined {
  const { graph } = model;
  const isWeight = ({ op, outputs }: Node) => op === 'Constant' && weights.has(outputs[0]!);
  const constants = new Set(graph.nodes.filter(isWeight).map(({ outputs }) => outputs[0]!));
  for (const name of weights.keys()) if (!graph.initializers.has(name) && !constants.has(name)) return undefined;
  const initializers = new Map([...graph.initializers, ...weights]);
  return { ...model, graph: { ...graph, initializers, nodes: graph.nodes.filter((node) => !isWeight(node)) } };
}
