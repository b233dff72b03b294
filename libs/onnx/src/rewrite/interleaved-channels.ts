import type { Emitter } from '../gradient/emitter';
import type { Windows } from '../gradient/windows';

/** Whether the gradient of filters can be had with the channels side by side: windows without gaps in a row. */
export function canInterleave({ dilations }: Windows, channels: number): boolean {
  return channels > 1 && dilations.at(-1) === 1;
}

/**
 * The gradient of filters [M, C / groups, ...] as a convolution of one image, whose rows hold the channels of each column
 * side by side, instead of an image for each channel: ONNX Runtime copies rows as long as a filter's row times its
 * channels, and makes one product of matrices of them.
 * @param input [N, C, ...]
 * @param weights [M, N, ...]: the gradient of the output, transposed
 * @param windows that cover the input exactly
 * @param shape of the filters
 */
export function interleavedChannels(
  emit: Emitter,
  input: string,
  weights: string,
  { kernel, strides, dilations, before, after, inputSizes, outputSizes }: Windows,
  groups: number,
  [filters, channels]: readonly number[],
): string {
  const wide = (values: readonly number[]) => values.with(-1, values.at(-1)! * channels!);
  const axesFrom = (first: number) => kernel.map((_, i) => first + i);
  // [N, groups, C / groups, ...] to [groups, N, ..., C / groups].
  const sideBySide =
    groups === 1
      ? emit.transpose(input, [0, ...axesFrom(2), 1])
      : emit.transpose(emit.reshape(input, [-1, groups, channels!, ...inputSizes]), [1, 0, ...axesFrom(3), 2]);
  const result = emit.op('Conv', [emit.reshape(sideBySide, [1, -1, ...wide(inputSizes)]), weights], {
    kernel_shape: outputSizes,
    strides: dilations,
    dilations: wide(strides),
    pads: [...wide(before), ...wide(after)],
    group: groups,
  });
  const apart = emit.reshape(result, [filters!, ...kernel, channels!]);
  return emit.transpose(apart, [0, kernel.length + 1, ...axesFrom(1)]);
}
