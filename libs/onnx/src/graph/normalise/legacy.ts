import { floatOf, intOf, intsOf } from '../attribute';
import type { Node } from '../ir';
import { float32Tensor, int64Vector } from '../tensor';
import { type Upgrade, type UpgradeContext, type Upgrades, without } from './upgrade';

/** Attributes that operators of the first operator sets had for the runtimes of their time. */
const FORGOTTEN = ['consumed_inputs', 'is_test', 'broadcast', 'spatial'];

const plain: Upgrade = {
  below: 7,
  rewrite(node, { builder }) {
    builder.append({ ...node, attributes: without(node, ...FORGOTTEN) });
  },
};

/** The second input was lined up with the first one from `axis` on. */
const lined: Upgrade = {
  below: 7,
  rewrite(node, context) {
    const { builder } = context;
    const [a = '', b = ''] = node.inputs;
    const axis = intOf(node, 'axis');
    const inputs =
      axis === undefined || !intOf(node, 'broadcast', 0) ? node.inputs : [a, trailing(node, b, axis, context)];
    builder.append({ ...node, inputs, attributes: without(node, 'axis', ...FORGOTTEN) });
  },
};

/** The second input with as many axes of size 1 behind its own as the first one has. */
function trailing(node: Node, b: string, axis: number, { builder, rank }: UpgradeContext): string {
  const [whole, part] = [rank(node.inputs[0]!), rank(b)];
  const added = whole === undefined || part === undefined ? 0 : whole - (axis < 0 ? axis + whole : axis) - part;
  if (added <= 0) return b;
  const axes = Array.from({ length: added }, (_, i) => part! + i);
  return builder.node('Unsqueeze', [b, builder.constant(int64Vector(axes), 'axes')]);
}

const each = (upgrade: Upgrade, names: string): Upgrades =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, upgrade]));

/** What operator sets 1 to 6 wrote otherwise. */
export const legacyUpgrades: Upgrades = {
  ...each(lined, 'Add Sub Mul Div Pow And Or Xor Equal Greater Less'),
  ...each(
    plain,
    `Abs Ceil Elu Exp Floor Gemm HardSigmoid InstanceNormalization LeakyRelu Log Max Mean Min Neg
     Reciprocal Relu Selu Sigmoid Sqrt Sum Tanh`.trim(),
  ),
  PRelu: {
    below: 7,
    rewrite(node, context) {
      const slope = node.inputs[1] ?? '';
      const shared = context.constant(slope)?.data.length === 1;
      const inputs = shared ? node.inputs : [node.inputs[0]!, trailing(node, slope, 1, context)];
      context.builder.append({ ...node, inputs, attributes: without(node, ...FORGOTTEN) });
    },
  },
  Reshape: {
    below: 5,
    rewrite(node, { builder }) {
      const shape = builder.constant(int64Vector(intsOf(node, 'shape') ?? []), 'shape');
      builder.append({ ...node, inputs: [node.inputs[0]!, shape], attributes: {} });
    },
  },
  Concat: {
    below: 4,
    rewrite(node, { builder }) {
      builder.append({ ...node, attributes: { axis: { type: 'int', value: intOf(node, 'axis', 1) } } });
    },
  },
};

/** The scales of Upsample before operator set 7, for images. */
export function upsampleScales(node: Node) {
  return float32Tensor([4], [1, 1, floatOf(node, 'height_scale', 1), floatOf(node, 'width_scale', 1)]);
}
