import {
  GraphBuilder,
  int64Vector,
  type Model,
  type Node,
  type ProbedDimension,
  usedBy,
  type ValueTypes,
  withOutputs,
} from '@rampart/onnx';

/** A model with an input and a value to compute from it. */
export interface Whole {
  readonly model: Model;
  readonly input: string;
  readonly logits: string;
  readonly types: ValueTypes;
  /** The one batch size that it runs at; undefined where it runs at any. */
  readonly batch: number | undefined;
  /** The names of the values that may be cut at. */
  readonly own: ReadonlySet<string>;
}

/** A model cut in two at a value. */
export interface Cut {
  /** The value between the two, a float for each element. */
  readonly name: string;
  /** From the input to it. */
  readonly front: Model;
  /** From it to the logits. */
  readonly rear: Model;
}

/** What takes a value for its size alone. */
export const SIZED: ReadonlySet<string> = new Set(['Shape', 'Size', 'ConstantOfShape', 'EyeLike']);

/** What draws random numbers. */
export const RANDOM = /^(Random|Bernoulli|Multinomial)/;

/**
 * Cuts a model at a value: a cut of a graph is a graph. What asks for the size of something before the cut is told it.
 * @param beside further values before the cut that the part behind it is given where it needs them
 * @returns undefined where the part behind the value needs the model's input besides
 */
export function cutAt(
  { model, input, logits, types }: Omit<Whole, 'own'>,
  name: string,
  beside: readonly string[] = [],
): Cut | undefined {
  const { nodes } = withOutputs(model, [logits]).graph;
  const { dims } = types.values.get(name)!;
  const given = [name, ...beside].map((value) => ({ name: value, ...types.values.get(value)! }));
  const builder = new GraphBuilder(
    {
      ...model.graph,
      inputs: [...model.graph.inputs, ...given],
      nodes: [],
    },
    { reserved: nodes.flatMap(({ outputs }) => outputs) },
  );
  const upstream = new Set([input]);
  for (const node of nodes) {
    if (given.some((value) => node.outputs.includes(value.name))) continue;
    const sized = SIZED.has(node.op) || RANDOM.test(node.op);
    const before = node.inputs.some((used) => upstream.has(used));
    if (!sized && before) for (const output of node.outputs) upstream.add(output);
    const known = types.values.get(node.inputs[0] ?? '')?.dims;
    if (!sized || !before || !known) builder.append(node);
    else if (node.op === 'Shape') shapeOf(builder, node, known, name);
    // As large as the value itself, whatever its elements are.
    else if (known.join() === dims.join()) builder.append({ ...node, inputs: [name, ...node.inputs.slice(1)] });
    else builder.append(node);
  }
  const graph = builder.build(model.graph.name);
  const rear = withOutputs({ ...model, metadata: new Map(), graph }, [logits], { inputs: 'used' });
  const used = given.filter((value) => rear.graph.inputs.some((one) => one.name === value.name));
  return used[0]?.name === name && used.length === rear.graph.inputs.length
    ? { name, front: withOutputs(model, [name]), rear }
    : undefined;
}

/** Writes the shape of a value before the cut: sizes that are known, and the batch's, which the cut's value has. */
function shapeOf(builder: GraphBuilder, node: Node, dims: readonly ProbedDimension[], cut: string): void {
  const [start, end] = [intOf(node, 'start', 0), intOf(node, 'end', dims.length)];
  const wanted = dims.slice(start, end);
  if (wanted.some((dim) => typeof dim !== 'number' && dim !== 'batch')) return builder.append(node);
  const parts = wanted.map((dim) => {
    if (typeof dim === 'number') return builder.constant(int64Vector([dim]));
    return builder.node('Gather', [builder.node('Shape', [cut]), builder.constant(int64Vector([0]))]);
  });
  if (parts.length === 0) builder.append(node);
  else builder.node('Concat', parts, { axis: 0 }, { outputs: [node.outputs[0]!] });
}

function intOf({ attributes }: Node, name: string, otherwise: number): number {
  const found = attributes[name];
  return found?.type === 'int' ? found.value : otherwise;
}

/**
 * The values that a model can be cut at without its input being needed besides, from the input on: floats, a row a
 * sample, that all ways from the input to the logits lead through.
 * @param beside as `cutAt` has it
 */
export function cutPoints(
  { model, input, logits, types, batch, own }: Whole,
  beside: readonly string[] = [],
): readonly string[] {
  const { nodes } = withOutputs(model, [logits]).graph;
  // The last place at which each value that depends on the input is used.
  const dependent = new Set([input]);
  const last = new Map<string, number>();
  const passing = nodes.map((node, place) => {
    if (SIZED.has(node.op) || RANDOM.test(node.op) || node.outputs.some((name) => beside.includes(name))) return false;
    const used = [...usedBy(node)].filter((name) => dependent.has(name));
    for (const name of used) last.set(name, place);
    if (used.length > 0) for (const output of node.outputs) if (output !== '') dependent.add(output);
    return used.length > 0;
  });
  const points: string[] = [];
  const live = new Set([input]);
  nodes.forEach((node, place) => {
    if (!passing[place]) return;
    for (const output of node.outputs) if ((last.get(output) ?? -1) > place) live.add(output);
    for (const name of live) if ((last.get(name) ?? -1) <= place) live.delete(name);
    const [only] = live;
    if (live.size !== 1 || only === points.at(-1) || only === input) return;
    const value = types.values.get(only!);
    const [count, ...row] = value?.dims ?? [];
    const rows = count === (batch ?? 'batch') && row.length > 0 && row.every((size) => typeof size === 'number');
    if (rows && own.has(only!) && value!.type.startsWith('float') && only !== logits) points.push(only!);
  });
  return points;
}
