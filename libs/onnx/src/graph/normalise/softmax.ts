import { intOf } from '../attribute';
import { type Upgrade, type Upgrades } from './upgrade';

/**
 * Before operator set 13 the input was taken as a matrix, all axes from `axis` (1 where nothing is said) on
 * together; since then `axis` is one axis, the last where nothing is said.
 */
const flattened: Upgrade = {
  below: 13,
  rewrite(node, { builder, rank: rankOf }) {
    const axis = intOf(node, 'axis', 1);
    const input = node.inputs[0]!;
    const rank = rankOf(input);
    if (axis === -1 || axis + 1 === rank) {
      builder.append({ ...node, attributes: { axis: { type: 'int', value: -1 } } });
      return;
    }
    const matrix = builder.node('Flatten', [input], { axis });
    const result = builder.node(node.op, [matrix], { axis: 1 });
    builder.node('Reshape', [result, builder.node('Shape', [input])], {}, { outputs: node.outputs });
  },
};

export const softmaxUpgrades: Upgrades = { Softmax: flattened, LogSoftmax: flattened, Hardmax: flattened };
