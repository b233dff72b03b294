import { stringOf } from '../attribute';
import type { Node } from '../ir';
import { float32Tensor } from '../tensor';
import { upsampleScales } from './legacy';
import { type UpgradeContext, type Upgrades, without } from './upgrade';

/** Upsample, and Resize of operator set 10, look up source pixels at index / scale, rounded down. */
function asymmetric(node: Node, scales: string, { builder }: UpgradeContext): void {
  const mode = stringOf(node, 'mode', 'nearest');
  builder.node(
    'Resize',
    [node.inputs[0]!, '', scales],
    {
      mode: mode === 'bilinear' ? 'linear' : mode,
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    },
    { outputs: node.outputs },
  );
}

/** Resampling operators that were renamed or whose modes were. */
export const resamplingUpgrades: Upgrades = {
  Upsample: {
    below: 10,
    rewrite(node, context) {
      const given = node.attributes['scales'];
      const scales =
        given?.type === 'floats'
          ? context.builder.constant(float32Tensor([given.value.length], given.value), 'scales')
          : (node.inputs[1] ?? context.builder.constant(upsampleScales(node), 'scales'));
      asymmetric(node, scales, context);
    },
  },
  Resize: {
    below: 13,
    rewrite(node, context) {
      if (context.opset < 11) {
        asymmetric(node, node.inputs[1]!, context);
        return;
      }
      // What is left out was written as an empty tensor.
      const inputs = node.inputs.map((name, i) => (i > 0 && context.constant(name)?.data.length === 0 ? '' : name));
      if (stringOf(node, 'coordinate_transformation_mode', '') !== 'tf_half_pixel_for_nn') {
        context.builder.append({ ...node, inputs });
        return;
      }
      const mode = { type: 'string', value: 'half_pixel' } as const;
      context.builder.append({
        ...node,
        inputs,
        attributes: { ...node.attributes, coordinate_transformation_mode: mode },
      });
    },
  },
  GridSample: {
    below: 20,
    rewrite(node, { builder }) {
      const mode = stringOf(node, 'mode', 'bilinear').replace(/^bi/, '');
      builder.append({ ...node, attributes: { ...without(node, 'mode'), mode: { type: 'string', value: mode } } });
    },
  },
};
