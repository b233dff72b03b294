import { int64Vector } from '../tensor';
import { type Upgrades, without } from './upgrade';

/** Normalization layers whose parameters changed. */
export const normalizationUpgrades: Upgrades = {
  BatchNormalization: {
    below: 14,
    rewrite(node, { builder }) {
      // The further outputs of old operator sets exist in training only.
      builder.append({
        ...node,
        outputs: node.outputs.slice(0, 1),
        attributes: without(node, 'spatial', 'momentum', 'is_test', 'consumed_inputs'),
      });
    },
  },
  GroupNormalization: {
    below: 21,
    rewrite(node, { builder }) {
      // Scale and bias were one for a group; now they are one for a channel.
      const [input = '', scale = '', bias = ''] = node.inputs;
      const one = builder.constant(int64Vector([1]), 'axis');
      const channels = builder.node('Shape', [input], { start: 1, end: 2 });
      const repeats = builder.node('Div', [channels, builder.node('Shape', [scale], { start: 0, end: 1 })]);
      const shape = builder.node('Concat', [builder.node('Shape', [scale]), repeats], { axis: 0 });
      const minusOne = builder.constant(int64Vector([-1]), 'shape');
      const perChannel = (value: string) => {
        const column = builder.node('Unsqueeze', [value, one]);
        return builder.node('Reshape', [builder.node('Expand', [column, shape]), minusOne]);
      };
      const inputs = [input, perChannel(scale), perChannel(bias)];
      builder.append({ ...node, inputs });
    },
  },
};
