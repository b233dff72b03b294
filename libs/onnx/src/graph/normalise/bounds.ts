import { floatOf, intsOf } from '../attribute';
import { int64Vector, scalar } from '../tensor';
import { type Upgrades, without } from './upgrade';

/** Clip's bounds and Pad's widths became inputs in operator set 11. */
export const boundsUpgrades: Upgrades = {
  Clip: {
    below: 11,
    rewrite(node, { builder }) {
      const bound = (name: string) =>
        node.attributes[name] ? builder.constant(scalar(floatOf(node, name, 0)), name) : '';
      builder.append({ ...node, inputs: [node.inputs[0]!, bound('min'), bound('max')], attributes: {} });
    },
  },
  Pad: {
    below: 11,
    rewrite(node, { builder }) {
      const pads = builder.constant(int64Vector(intsOf(node, 'pads') ?? intsOf(node, 'paddings') ?? []), 'pads');
      const value = floatOf(node, 'value', 0);
      const inputs = [node.inputs[0]!, pads, ...(value === 0 ? [] : [builder.constant(scalar(value), 'value')])];
      builder.append({ ...node, inputs, attributes: without(node, 'pads', 'paddings', 'value') });
    },
  },
};
