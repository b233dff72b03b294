import {
  type Dimension,
  type Model,
  type Node,
  probe,
  type Tensor,
  usedBy,
  type ValueInfo,
  withOutputs,
} from '@rampart/onnx';

/** A model in two, to be run one after the other: values that the first one makes are inputs of the second one. */
export interface InTwo {
  readonly first: Model;
  readonly second: Model;
}

/** Operators whose values differ from run to run. */
const RANDOM = /^(Random|Bernoulli|Multinomial|Dropout)/;

/** Whether a node brings the last two axes into each other's place. */
function swapsMatrices({ op, attributes: { perm } }: Node): boolean {
  if (op !== 'Transpose' || perm?.type !== 'ints') return false;
  const last = perm.value.length - 1;
  return perm.value.every((axis, i) => Number(axis) === (i < last - 1 ? i : 2 * last - 1 - i));
}

/**
 * Splits off what a model computes of some of its inputs alone, so that whoever runs it again with the same ones need not
 * compute that again.
 * @param given values for these inputs, all of fixed size; the second model takes those that it needs itself as well
 */
export async function inTwo(model: Model, given: Readonly<Record<string, Tensor>>): Promise<InTwo> {
  const { graph } = model;
  const dependent = new Set(Object.keys(given));
  const known = new Set(['', ...dependent, ...graph.initializers.keys()]);
  const moved = new Set<Node>();
  for (const node of graph.nodes) {
    const used = [...usedBy(node)];
    if (RANDOM.test(node.op) || !used.every((name) => known.has(name))) continue;
    for (const output of node.outputs) known.add(output);
    if (!used.some((name) => dependent.has(name))) continue;
    for (const output of node.outputs) dependent.add(output);
    moved.add(node);
  }
  // A product reads matrices in either order: what is transposed for it alone need not be handed over besides.
  for (const node of [...moved].filter(swapsMatrices)) {
    const users = graph.nodes.filter((other) => [...usedBy(other)].includes(node.outputs[0]!));
    const isOutput = graph.outputs.some(({ name }) => name === node.outputs[0]);
    if (!isOutput && users.every((user) => user.op === 'MatMul' && !moved.has(user))) moved.delete(node);
  }
  const rest = graph.nodes.filter((node) => !moved.has(node));
  const made = new Set([...moved].flatMap(({ outputs }) => outputs));
  const needed = [...rest.flatMap((node) => [...usedBy(node)]), ...graph.outputs.map(({ name }) => name)];
  const handed = [...new Set(needed)].filter((name) => made.has(name));
  const first = withOutputs({ ...model, graph: { ...graph, outputs: [] } }, handed, { inputs: 'used' });
  const { values } = await probe(first, { feeds: given });
  const info = (name: string): ValueInfo => {
    const { type, dims } = values.get(name)!;
    return { name, type, dims: dims.map((size): Dimension => size) };
  };
  const inputs = [...graph.inputs.filter(({ name }) => !(name in given) || needed.includes(name)), ...handed.map(info)];
  const names = graph.outputs.map(({ name }) => name);
  return {
    first: { ...first, graph: { ...first.graph, outputs: handed.map(info) } },
    second: withOutputs({ ...model, graph: { ...graph, inputs, nodes: rest } }, names),
  };
}
