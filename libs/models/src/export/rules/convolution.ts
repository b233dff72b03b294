import { type ExportedValue, type LayerContext, type LayerRule, unary } from '../layer-rule';
import { kernelOrder } from '../permutation';
import { activate } from './activation';

/** ONNX's [top, left, bottom, right] for a window that tfjs pads with `same`, `valid`. */
export function padding(
  input: ExportedValue,
  context: LayerContext,
  window: readonly [number, number],
  strides: readonly [number, number],
  dilations: readonly [number, number] = [1, 1],
): readonly number[] {
  const mode = context.config['padding'];
  if (mode === 'valid') return [0, 0, 0, 0];
  if (mode !== 'same') throw context.unsupported(`its padding is "${String(mode)}", expected "same" or "valid"`);
  const [height, width] = context.imageShape(input);
  const [top, bottom] = samePadding(height, window[0], strides[0], dilations[0]);
  const [left, right] = samePadding(width, window[1], strides[1], dilations[1]);
  return [top, left, bottom, right];
}

/** TensorFlow's rule: as many outputs as strides fit, the odd cell of padding at the end. */
function samePadding(length: number, window: number, stride: number, dilation: number): readonly [number, number] {
  const extent = (window - 1) * dilation + 1;
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + extent - length);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

export const convolutionRules: Readonly<Record<string, LayerRule>> = {
  Conv2D: unary((input, context) => {
    context.requireChannelsLast();
    const [, , channels] = context.imageShape(input);
    const [height, width] = context.pair('kernelSize');
    const filters = context.number('filters');
    const order = kernelOrder(height, width, channels, filters);
    return convolve(input, context, context.weight(0, 'kernel', [filters, channels, height, width], order), filters, 1);
  }),
  DepthwiseConv2D: unary((input, context) => {
    context.requireChannelsLast();
    const [, , channels] = context.imageShape(input);
    const [height, width] = context.pair('kernelSize');
    const multiplier = context.number('depthMultiplier');
    // tfjs's [height, width, channel, multiplier] read as one input and channel * multiplier outputs.
    const filters = channels * multiplier;
    const order = kernelOrder(height, width, 1, filters);
    const kernel = context.weight(0, 'depthwise_kernel', [filters, 1, height, width], order);
    return convolve(input, context, kernel, filters, channels);
  }),
};

function convolve(input: ExportedValue, context: LayerContext, kernel: string, filters: number, group: number) {
  const window = context.pair('kernelSize');
  const strides = context.pair('strides');
  const dilations = context.pair('dilationRate');
  const inputs = [input.name, kernel];
  if (context.config['useBias'] !== false) inputs.push(context.weight(1, 'bias', [filters]));
  const result = context.graph.node(
    'Conv',
    inputs,
    { kernel_shape: window, strides, dilations, group, pads: padding(input, context, window, strides, dilations) },
    { name: context.layer.name },
  );
  return { name: activate(result, context) };
}
