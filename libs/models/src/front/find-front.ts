import { featureCount } from '@rampart/core';
import { type Model, type Node, withOutputs } from '@rampart/onnx';

import type { PreparedModel } from '../classifier/prepare';

/** Operators that make each element of those at its place. */
const ELEMENTWISE = new Set(
  `Identity Cast Add Sub Mul Div Pow Mod Neg Abs Reciprocal Sum Mean Min Max Clip Sqrt Exp Log Erf Sin Cos Tan Asin Acos
   Atan Sinh Cosh Tanh Sigmoid HardSigmoid HardSwish Softplus Softsign Relu LeakyRelu ThresholdedRelu PRelu Elu Selu Celu
   Gelu Mish Round Floor Ceil Sign BitShift BitwiseAnd BitwiseOr BitwiseXor BitwiseNot Not And Or Xor Equal Greater
   GreaterOrEqual Less LessOrEqual Where QuantizeLinear DequantizeLinear BatchNormalization`.split(/\s+/),
);

/** Operators that leave the order of the elements. */
const RESHAPING = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout']);

/** What takes a value for its shape alone. */
const SHAPE_ONLY = new Set(['Shape', 'Size', 'ConstantOfShape', 'EyeLike']);

const RANDOM = /^(Random|Bernoulli|Multinomial)/;

/** From [count, channels, height, width] to [count, height, width, channels]. */
const CHANNELS_LAST = [0, 2, 3, 1];

/** A model cut in two. */
export interface Cut {
  /** The value between the two: a float for each feature of the images, in the order of the model's layout. */
  readonly name: string;
  /** From the images to it. */
  readonly front: Model;
  /** From it to the logits. */
  readonly rear: Model;
}

/**
 * Cuts a model behind its longest part that works feature by feature, at a value that all ways from the images to the
 * logits lead through; undefined where there is none.
 */
export function findFront(prepared: PreparedModel): Cut | undefined {
  const { model, logits } = prepared;
  const { nodes } = withOutputs(model, [logits]).graph;
  const values = featurewise(prepared, nodes);
  const name = values.findLast(
    (value) =>
      prepared.types.values.get(value)!.type === 'float32' && !reached(prepared.input, nodes, value).has(logits),
  );
  const rear = name === undefined ? undefined : rearOf(prepared, name, nodes);
  return rear && { name: name!, front: withOutputs(model, [name!]), rear };
}

/** The values that hold, for each feature of an image, something made of that feature alone. */
function featurewise({ input, types, shape, batch, layout }: PreparedModel, nodes: readonly Node[]): readonly string[] {
  const features = featureCount(shape);
  const dependent = new Set([input]);
  /** Whether each has its features in the model's layout. */
  const found = new Map([[input, layout === 'nchw']]);
  for (const node of nodes) {
    const uses = node.inputs.filter((name) => dependent.has(name));
    const random = RANDOM.test(node.op);
    if ((uses.length === 0 || SHAPE_ONLY.has(node.op)) && !random) continue;
    for (const output of node.outputs) dependent.add(output);
    const [value, ...others] = node.outputs.filter((output) => output !== '');
    const type = types.values.get(value ?? '');
    if (random || !type || others.length > 0 || node.domain !== '') continue;
    const [count, ...sizes] = type.dims;
    const elements = sizes.reduce<number>((product, size) => product * Number(size), 1);
    const kept = count === (batch ?? 'batch') && elements === features;
    const first = found.get(uses[0]!);
    const alike = new Set(uses.map((name) => `${types.values.get(name)!.dims.join()} ${found.get(name)}`)).size === 1;
    const turns = node.op === 'Transpose' && first === false && String(intsOf(node, 'perm')) === String(CHANNELS_LAST);
    const local = ELEMENTWISE.has(node.op) ? alike : RESHAPING.has(node.op) && uses[0] === node.inputs[0];
    if (kept && first !== undefined && (turns || local)) found.set(value!, first || turns);
  }
  return [...found].flatMap(([name, laidOut]) => (laidOut && name !== input ? [name] : []));
}

function intsOf({ attributes }: Node, name: string): readonly number[] | undefined {
  const found = attributes[name];
  return found?.type === 'ints' ? found.value : undefined;
}

/** What depends on the images by ways that do not lead through a value. */
function reached(input: string, nodes: readonly Node[], around: string): ReadonlySet<string> {
  const dependent = new Set([input]);
  for (const node of nodes) {
    if (SHAPE_ONLY.has(node.op) || RANDOM.test(node.op)) continue;
    const uses = subgraphs(node) || node.inputs.some((name) => dependent.has(name));
    if (uses) for (const output of node.outputs) if (output !== around) dependent.add(output);
  }
  return dependent;
}

/** Branches and loops may read any value around them. */
function subgraphs({ attributes }: Node): boolean {
  return Object.values(attributes).some(({ type }) => type === 'graph');
}

/** The model that takes a value of another as its images; undefined where it needs the images besides. */
function rearOf(prepared: PreparedModel, value: string, nodes: readonly Node[]): Model | undefined {
  const { model, input, types, logits } = prepared;
  const { type, dims } = types.values.get(value)!;
  const upstream = new Set([input]);
  const kept: Node[] = [];
  for (const node of nodes) {
    if (node.outputs.includes(value)) continue;
    // What asks for the images' shape may ask for that of the value, where it is the same.
    const shaped = SHAPE_ONLY.has(node.op) || RANDOM.test(node.op);
    const same = types.values.get(node.inputs[0] ?? '')?.dims.join() === dims.join();
    const own = !shaped && node.inputs.some((name) => upstream.has(name));
    if (own) for (const output of node.outputs) upstream.add(output);
    kept.push(
      shaped && same && upstream.has(node.inputs[0]!) ? { ...node, inputs: [value, ...node.inputs.slice(1)] } : node,
    );
  }
  const inputs = [...model.graph.inputs, { name: value, type, dims }];
  const cut = withOutputs({ ...model, metadata: new Map(), graph: { ...model.graph, inputs, nodes: kept } }, [logits], {
    inputs: 'used',
  });
  return cut.graph.inputs.length === 1 ? cut : undefined;
}
