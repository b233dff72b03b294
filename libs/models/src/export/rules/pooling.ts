import { type ExportedValue, type LayerContext, type LayerRule, unary } from '../layer-rule';
import { padding } from './convolution';

function pool(op: string, input: ExportedValue, context: LayerContext, attributes: Record<string, number> = {}) {
  context.requireChannelsLast();
  const window = context.pair('poolSize');
  const strides = context.pair('strides');
  const pads = padding(input, context, window, strides);
  const options = { name: context.layer.name };
  return {
    name: context.graph.node(op, [input.name], { kernel_shape: window, strides, pads, ...attributes }, options),
  };
}

function globalPool(op: string, input: ExportedValue, context: LayerContext) {
  context.requireChannelsLast();
  const pooled = context.graph.node(op, [input.name], {}, { name: context.layer.name });
  return { name: context.graph.node('Flatten', [pooled], { axis: 1 }) };
}

export const poolingRules: Readonly<Record<string, LayerRule>> = {
  MaxPooling2D: unary((input, context) => pool('MaxPool', input, context)),
  // TensorFlow's average leaves padded cells out.
  AveragePooling2D: unary((input, context) => pool('AveragePool', input, context, { count_include_pad: 0 })),
  GlobalAveragePooling2D: unary((input, context) => globalPool('GlobalAveragePool', input, context)),
  GlobalMaxPooling2D: unary((input, context) => globalPool('GlobalMaxPool', input, context)),
};
