import { type AttributeInputs, attributes } from '../graph/attribute';
import { GraphBuilder } from '../graph/builder';
import type { Graph, Node } from '../graph/ir';
import { graphFor, namesIn, usedAround } from '../graph/outputs';
import { boolTensor, int64Vector, isFloat, scalar } from '../graph/tensor';
import type { ValueTypes } from '../graph/value-types';
import { gradientType } from './as-floats';
import type { Backward } from './backward';

type Gradients = readonly (string | undefined)[];

/** Passes the gradients of a node's outputs on to its inputs, and to what the graphs inside of it use from outside. */
type Flow = (node: Node, gradients: Gradients, outer: Backward) => void;

/** The gradient of a node that has graphs inside; undefined for any other node. */
export function controlFlow(node: Node): Flow | undefined {
  if (node.domain !== '') return undefined;
  return node.op === 'If' ? choice : node.op === 'Loop' ? loop : undefined;
}

/** The branch that is taken is computed again, with its gradient behind it. */
const choice: Flow = (node, gradients, outer) => {
  const branches = ['then_branch', 'else_branch'].map((name) => graphOf(node, name, outer));
  const wrt = usedFloats(branches, outer);
  const [then_branch, else_branch] = branches.map((branch) => {
    const builder = new GraphBuilder({ ...branch, outputs: [] }, outer.builder.names());
    const inner = outer.inside(typesOf(branch, node, outer), builder, wrt);
    gradients.forEach((gradient, i) => {
      const { name } = branch.outputs[i]!;
      if (gradient !== undefined && inner.active.has(name)) inner.totals.add(name, gradient);
    });
    inner.through(branch.nodes);
    return finished(
      inner,
      wrt.map((name) => inner.totals.of(name) ?? inner.emit.zerosLike(name)),
    );
  });
  const results = append(outer.builder, 'If', [node.inputs[0]!], { then_branch, else_branch }, wrt.length);
  wrt.forEach((name, i) => outer.totals.add(name, results[i]!));
};

/**
 * The loop keeps its states as they were before each turn. A second loop takes the turns from the last to the first:
 * each is computed again from the states kept, and passes the gradient of its states on to those before it.
 */
const loop: Flow = (node, gradients, outer) => {
  const { emit } = outer;
  const body = graphOf(node, 'body', outer);
  const types = typesOf(body, node, outer);
  const initial = node.inputs.slice(2);
  const [turn, condition, ...states] = body.inputs.map(({ name }) => name) as [string, string, ...string[]];
  const [, ...after] = body.outputs.map(({ name }) => name);
  const shape = (name: string) => types.values.get(name)?.dims.join();
  if (states.some((state, i) => shape(state) !== shape(after[i]!))) {
    throw outer.refuse(node, 'one of its states is no tensor or changes its shape');
  }
  const captured = usedFloats([body], outer);
  const wrt = withStates(captured, states, after, initial, types, outer);
  const kept = keepStates(node, body, states, outer);
  const counted = kept[0] ?? gradients.find((gradient, i) => i >= states.length && gradient !== undefined)!;
  const turns = emit.squeeze(emit.op('Shape', [counted], { start: 0, end: 1 }), [0]);

  const start = wrt.map((name) => {
    const i = states.indexOf(name);
    return i < 0 ? emit.zerosLike(name) : (gradients[i] ?? emit.zerosLike(initial[i]!));
  });
  const loopInputs = [turns, emit.constant(boolTensor([], [true])), ...start];

  // Everything that is new around the loop is named by now.
  const names = outer.builder.names();
  const builder = new GraphBuilder(undefined, { ...names, reserved: [...names.reserved, ...namesIn(body)] });
  const back = builder.input(builder.reserve('gradient/turn'), 'int64', []);
  const going = builder.input(builder.reserve('gradient/going'), 'bool', []);
  const carried = wrt.map((name) =>
    builder.input(builder.reserve('gradient/carried'), gradientType(types.values.get(name)!.type)),
  );
  // The turn is counted from the end; states, turn and condition are what they were in it.
  const minus = (a: string, b: string) => builder.node('Sub', [a, b], {}, { name: 'gradient/Sub' });
  const index = minus(minus(turns, builder.constant(scalar(1, 'int64'))), back);
  const isVector = types.values.get(turn)?.dims.length === 1;
  if (isVector) builder.node('Reshape', [index, builder.constant(int64Vector([1]))], {}, { outputs: [turn] });
  else builder.node('Identity', [index], {}, { outputs: [turn] });
  builder.node('Identity', [builder.constant(boolTensor([], [true]))], {}, { outputs: [condition] });
  states.forEach((state, i) => builder.node('Gather', [kept[i]!, index], { axis: 0 }, { outputs: [state] }));
  for (const [name, value] of body.initializers) builder.initializer(name, value);
  for (const inner of body.nodes) builder.append(inner);

  const inner = outer.inside(types, builder, wrt);
  states.forEach((state, i) => {
    const at = wrt.indexOf(state);
    if (at >= 0 && inner.active.has(after[i]!)) inner.totals.add(after[i]!, carried[at]!);
  });
  after.slice(states.length).forEach((output, i) => {
    const gradient = gradients[states.length + i];
    if (gradient === undefined || !inner.active.has(output)) return;
    inner.totals.add(output, inner.emit.op('Gather', [gradient, index], { axis: 0 }));
  });
  for (const name of captured) inner.totals.add(name, carried[wrt.indexOf(name)]!);
  inner.through(body.nodes);
  const results = wrt.map((name) => inner.totals.of(name) ?? inner.emit.zerosLike(name));

  const backward = finished(inner, [going, ...results]);
  const totals = append(outer.builder, 'Loop', loopInputs, { body: backward }, wrt.length);
  wrt.forEach((name, i) => {
    const state = states.indexOf(name);
    const from = state < 0 ? name : initial[state]!;
    if (outer.active.has(from)) outer.totals.add(from, totals[i]!);
  });
};

/** What is active in a turn: what is so around the loop, and states that are to begin with or become so in a turn. */
function withStates(
  captured: readonly string[],
  states: readonly string[],
  after: readonly string[],
  initial: readonly string[],
  types: ValueTypes,
  outer: Backward,
): readonly string[] {
  const isFloatState = (state: string) => isFloat(types.values.get(state)?.type ?? 'other');
  let wrt = [...captured, ...states.filter((state, i) => isFloatState(state) && outer.active.has(initial[i]!))];
  for (;;) {
    const active = outer.reachedInside(types, wrt);
    const more = states.filter((state, i) => isFloatState(state) && active.has(after[i]!) && !wrt.includes(state));
    if (more.length === 0) return wrt;
    wrt = [...wrt, ...more];
  }
}

/** Has the loop put out what each state is before every turn: [turns, ...]. */
function keepStates(node: Node, body: Graph, states: readonly string[], outer: Backward): readonly string[] {
  if (states.length === 0) return [];
  const builder = new GraphBuilder(body, outer.builder.names());
  for (const state of states) {
    builder.output(builder.node('Identity', [state], {}, { name: builder.reserve('gradient/state') }));
  }
  const outputs = body.outputs.slice(1).map((_, i) => node.outputs[i] || outer.builder.reserve('gradient/unused'));
  const kept = states.map(() => outer.builder.reserve('gradient/states'));
  const keeping = attributes({ body: builder.build(body.name) });
  outer.builder.replace(node, {
    ...node,
    outputs: [...outputs, ...kept],
    attributes: { ...node.attributes, ...keeping },
  });
  return kept;
}

function graphOf(node: Node, name: string, outer: Backward): Graph {
  const attribute = node.attributes[name];
  if (attribute?.type !== 'graph') throw outer.refuse(node, `it has no graph "${name}"`);
  return attribute.value;
}

function typesOf(graph: Graph, node: Node, outer: Backward): ValueTypes {
  const types = outer.types.inner?.get(graph);
  if (!types) throw outer.refuse(node, 'a graph inside of it could not be run by itself');
  return types;
}

/** The active values around graphs that they use. */
function usedFloats(graphs: readonly Graph[], outer: Backward): string[] {
  const used = graphs.flatMap(usedAround);
  return [...new Set(used)].filter((name) => outer.active.has(name) && outer.types.values.has(name));
}

/** The graph so far with the given results, without what they do not need. */
function finished({ builder }: Backward, results: readonly string[]): Graph {
  // A result that comes from outside has to be made inside.
  const outputs = results.map((name) => builder.output(builder.node('Identity', [name])));
  return graphFor(builder.build('gradient'), outputs);
}

/** Appends a node with graphs inside, whose names nothing else takes. */
function append(builder: GraphBuilder, op: string, inputs: readonly string[], given: AttributeInputs, count: number) {
  const outputs = Array.from({ length: count }, () => builder.reserve(`gradient/${op}`));
  builder.append({ op, domain: '', name: outputs[0] ?? '', inputs, outputs, attributes: attributes(given) });
  return outputs;
}
