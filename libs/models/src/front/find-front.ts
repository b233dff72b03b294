import { featureCount } from '@rampart/core';
import { type Node, withOutputs } from '@rampart/onnx';

import type { PreparedModel } from '../classifier/prepare';
import { type Cut, cutAt, RANDOM, SIZED } from '../inputs/cut';

/** Operators that make each element of those at its place. */
const ELEMENTWISE = new Set(
  `Identity Cast Add Sub Mul Div Pow Mod Neg Abs Reciprocal Sum Mean Min Max Clip Sqrt Exp Log Erf Sin Cos Tan Asin Acos
   Atan Sinh Cosh Tanh Sigmoid HardSigmoid HardSwish Softplus Softsign Relu LeakyRelu ThresholdedRelu PRelu Elu Selu Celu
   Gelu Mish Round Floor Ceil Sign BitShift BitwiseAnd BitwiseOr BitwiseXor BitwiseNot Not And Or Xor Equal Greater
   GreaterOrEqual Less LessOrEqual Where QuantizeLinear DequantizeLinear BatchNormalization`.split(/\s+/),
);

/** Operators that leave the order of the elements. */
const RESHAPING = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout']);

/** From [count, channels, height, width] to [count, height, width, channels]. */
const CHANNELS_LAST = [0, 2, 3, 1];

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
  return name === undefined ? undefined : cutAt(prepared, name);
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
    if ((uses.length === 0 || SIZED.has(node.op)) && !random) continue;
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
    if (SIZED.has(node.op) || RANDOM.test(node.op)) continue;
    const uses = subgraphs(node) || node.inputs.some((name) => dependent.has(name));
    if (uses) for (const output of node.outputs) if (output !== around) dependent.add(output);
  }
  return dependent;
}

/** Branches and loops may read any value around them. */
function subgraphs({ attributes }: Node): boolean {
  return Object.values(attributes).some(({ type }) => type === 'graph');
}
