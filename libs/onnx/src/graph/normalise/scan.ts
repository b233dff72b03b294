import { intOf, intsOf } from '../attribute';
import { GraphBuilder } from '../builder';
import type { Attribute, Graph, Node } from '../ir';
import { namesIn } from '../outputs';
import { scalar } from '../tensor';
import { type Upgrades, always } from './upgrade';

/** Scan as a Loop that reads its slices by the number of the turn. */
export const scanUpgrades: Upgrades = {
  Scan: always((node, { builder, opset }) => {
    if (opset < 9) overBatch(node, builder);
    else asLoop(node, builder);
  }),
};

/** @param makeBody changes the body, once the names are taken that stand beside the loop */
function asLoop(node: Node, builder: GraphBuilder, makeBody = (body: Graph) => body): void {
  const body = node.attributes['body'];
  const scanned = intOf(node, 'num_scan_inputs', 0);
  const all = [...(intsOf(node, 'scan_output_axes') ?? []), ...(intsOf(node, 'scan_output_directions') ?? [])];
  // Outputs in another order or along another axis are left as they are.
  if (body?.type !== 'graph' || all.some((item) => item !== 0)) {
    builder.append(node);
    return;
  }
  const states = node.inputs.slice(0, node.inputs.length - scanned);
  const slices = node.inputs.slice(states.length);
  const axes = intsOf(node, 'scan_input_axes') ?? slices.map(() => 0);
  const directions = intsOf(node, 'scan_input_directions') ?? slices.map(() => 0);
  const turns = builder.node('Gather', [
    builder.node('Shape', [slices[0]!]),
    builder.constant(scalar(axes[0]!, 'int64')),
  ]);
  const going = builder.constant({ type: 'bool', dims: [], data: Uint8Array.of(1) });
  const inner = turnOf(makeBody(body.value), builder, { turns, slices, states: states.length, axes, directions });
  const loop = { ...node, op: 'Loop', inputs: [turns, going, ...states] };
  builder.append({ ...loop, attributes: { body: { type: 'graph', value: inner } } });
}

/**
 * Scan of operator set 8, which has an axis of batches in front of everything: a Scan over that axis, of the Scan of each
 * of the batch. With a length of its own for each it stays as it is.
 */
function overBatch(node: Node, builder: GraphBuilder): void {
  const body = node.attributes['body'];
  const [lengths = '', ...inputs] = node.inputs;
  if (body?.type !== 'graph' || lengths !== '') {
    builder.append(node);
    return;
  }
  const all: Attribute = { type: 'int', value: inputs.length };
  asLoop({ ...node, inputs, attributes: { num_scan_inputs: all, body } }, builder, (own) => ofOne(node, own, builder));
}

/** The Scan of one of a batch, as a graph. */
function ofOne(node: Node, body: Graph, builder: GraphBuilder): Graph {
  const names = builder.names();
  const one = new GraphBuilder(undefined, { ...names, reserved: [...names.reserved, ...allNames(body)] });
  const own = body.inputs.map(({ type }) => one.input(one.reserve('one'), type === 'other' ? 'float32' : type));
  const outputs = node.outputs.map(() => one.reserve('of_one'));
  const { directions, ...attributes } = node.attributes;
  asLoop(
    {
      ...{ ...node, inputs: own, outputs },
      attributes: { ...attributes, ...(directions && { scan_input_directions: directions }) },
    },
    one,
  );
  outputs.forEach((name, i) => {
    const { type } = body.outputs[i]!;
    one.output(name, type === 'other' ? 'float32' : type);
  });
  return one.build(body.name);
}

/** The names of a graph and of all graphs inside of it. */
function* allNames(graph: Graph): Generator<string> {
  yield* namesIn(graph);
  for (const { attributes } of graph.nodes) {
    for (const attribute of Object.values(attributes)) if (attribute.type === 'graph') yield* allNames(attribute.value);
  }
}

interface Scanned {
  readonly turns: string;
  readonly slices: readonly string[];
  readonly states: number;
  readonly axes: readonly number[];
  readonly directions: readonly number[];
}

/** The body as Loop takes it: the turn and whether to go on before the states, which slices are no part of. */
function turnOf(body: Graph, around: GraphBuilder, { turns, slices, states, axes, directions }: Scanned): Graph {
  const names = around.names();
  const builder = new GraphBuilder(undefined, { ...names, reserved: [...names.reserved, ...allNames(body)] });
  const turn = builder.input(builder.reserve('turn'), 'int64', []);
  const going = builder.input(builder.reserve('going'), 'bool', []);
  for (const info of body.inputs.slice(0, states)) {
    if (info.type === 'other') builder.otherInput(info);
    else builder.input(info.name, info.type, info.dims);
  }
  for (const [name, value] of body.initializers) builder.initializer(name, value);
  body.inputs.slice(states).forEach(({ name }, i) => {
    const one = builder.constant(scalar(1, 'int64'));
    const index = directions[i] === 1 ? builder.node('Sub', [builder.node('Sub', [turns, one]), turn]) : turn;
    builder.node('Gather', [slices[i]!, index], { axis: axes[i]! }, { outputs: [name] });
  });
  for (const node of body.nodes) builder.append(node);
  const more = builder.output(builder.node('Identity', [going]), 'bool', []);
  const graph = builder.build(body.name);
  return { ...graph, outputs: [...graph.outputs.filter(({ name }) => name === more), ...body.outputs] };
}
