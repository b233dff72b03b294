import { type GraphBuilder, int64Vector } from '@rampart/onnx';

import { type ExportedValue, type LayerRule, unary } from '../layer-rule';
import { channelsLastOrder, inverse } from '../permutation';

/** The value with tfjs's order of features or axes, for what cannot work on ONNX's. */
export function inTfjsOrder(value: ExportedValue, graph: GraphBuilder): string {
  if (value.shape.length === 3) return graph.node('Transpose', [value.name], { perm: [0, 2, 3, 1] });
  if (!value.order) return value.name;
  const positions = graph.constant(int64Vector(Array.from(inverse(value.order))));
  return graph.node('Gather', [value.name, positions], { axis: 1 });
}

const identity: LayerRule = unary((input) => input);

export const shapeRules: Readonly<Record<string, LayerRule>> = {
  // What these do, they do while training only.
  Dropout: identity,
  SpatialDropout1D: identity,
  GaussianNoise: identity,
  GaussianDropout: identity,
  AlphaDropout: identity,

  Flatten: unary((input, context) => {
    const name = context.graph.node('Flatten', [input.name], { axis: 1 });
    if (input.shape.length === 1) return { ...input, name };
    const [height, width, channels] = context.imageShape(input);
    const order = channelsLastOrder(height, width, channels);
    return order ? { name, order } : { name };
  }),

  Reshape: unary((input, context) => {
    const { graph } = context;
    const target = context.layer.outputShape.slice(1) as number[];
    if (target.some((size) => typeof size !== 'number')) throw context.unsupported('its target shape is not known');
    if (target.length !== 1 && target.length !== 3) {
      throw context.unsupported(`its target shape is [${target.join(', ')}], expected an image or a flat shape`);
    }
    const plain = inTfjsOrder(input, graph);
    const reshape = (dims: readonly number[]) =>
      graph.node('Reshape', [plain, graph.constant(int64Vector([0, ...dims]))]);
    const [height, width, channels] = target as [number, number?, number?];
    if (width === undefined || channels === undefined) return { name: reshape(target) };
    if (channels === 1 || height * width === 1) return { name: reshape([channels, height, width]) };
    return { name: graph.node('Transpose', [reshape(target)], { perm: [0, 3, 1, 2] }) };
  }),
};
