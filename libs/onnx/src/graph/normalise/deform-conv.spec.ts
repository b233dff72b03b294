import { itHasGradients } from '../../gradient/check-rule.kit';

describe('DeformConv', () => {
  itHasGradients(
    'by images, filters, offsets, bias and mask',
    (numbers) => {
      const [group, offset_group] = [numbers.integer(1, 2), numbers.integer(1, 2)];
      const [height, width] = [numbers.integer(4, 6), numbers.integer(4, 6)];
      const [kernelHeight, kernelWidth] = [numbers.integer(1, 3), numbers.integer(1, 2)];
      const strides = [numbers.integer(1, 2), numbers.integer(1, 2)];
      const dilations = [1, numbers.integer(1, 2)];
      const pads = Array.from({ length: 4 }, () => numbers.integer(0, 1));
      const size = (length: number, kernel: number, axis: number) =>
        Math.floor((length + pads[axis]! + pads[axis + 2]! - dilations[axis]! * (kernel - 1) - 1) / strides[axis]!) + 1;
      const output = [size(height, kernelHeight, 0), size(width, kernelWidth, 1)];
      const taps = kernelHeight * kernelWidth;
      // Away from where the samples' neighbours change.
      const offset = numbers.uniform([2, offset_group * taps * 2, ...output], 0.2, 0.8);
      const inputs = [
        numbers.uniform([2, 4, height, width]),
        numbers.uniform([4, 4 / group, kernelHeight, kernelWidth]),
        offset,
        numbers.next() < 0.5 ? numbers.uniform([4]) : undefined,
        numbers.next() < 0.5 ? numbers.uniform([2, offset_group * taps, ...output]) : undefined,
      ];
      const attributes = { group, offset_group, strides, dilations, pads, kernel_shape: [kernelHeight, kernelWidth] };
      return {
        op: 'DeformConv',
        inputs,
        attributes,
        constants: numbers.next() < 0.5 ? [1] : [],
        free: [0, 2, 4],
        opset: 19,
        step: 0.01,
      };
    },
    { runs: 12 },
  );
});
