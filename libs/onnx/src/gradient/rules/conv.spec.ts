import { itHasGradients, type Numbers } from '../check-rule.kit';

function convCase(numbers: Numbers) {
  const rank = numbers.pick([1, 2, 2, 2, 3]);
  const each = (low: number, high: number, count = rank) =>
    Array.from({ length: count }, () => numbers.integer(low, high));
  const groups = numbers.pick([1, 1, 2, 3]);
  const kernel = each(1, 3);
  const autoPad = numbers.pick(['NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID']);
  return {
    groups,
    kernel,
    images: numbers.integer(1, 3),
    channels: groups * numbers.integer(1, 2),
    filters: groups * numbers.integer(1, 2),
    sizes: kernel.map((size) => size * 2 + numbers.integer(0, 3)),
    pads: autoPad === 'NOTSET' ? each(0, 2, 2 * rank) : undefined,
    attributes: {
      group: groups,
      auto_pad: autoPad,
      strides: each(1, 3),
      dilations: autoPad === 'NOTSET' ? each(1, 2) : undefined,
    },
    free: numbers.next() < 0.5 ? [0] : [],
  };
}

describe('Conv', () => {
  itHasGradients(
    'whatever strides, padding, dilations and groups',
    (numbers) => {
      const { groups, images, channels, filters, kernel, sizes, attributes, pads, free } = convCase(numbers);
      return {
        op: 'Conv',
        inputs: [
          numbers.uniform([images, channels, ...sizes]),
          numbers.uniform([filters, channels / groups, ...kernel]),
          numbers.next() < 0.5 ? numbers.uniform([filters]) : undefined,
        ],
        attributes: { ...attributes, pads },
        free,
        elements: 25,
      };
    },
    { runs: 40 },
  );
});

describe('Conv with filters that ONNX Runtime convolves with again', () => {
  itHasGradients(
    'whatever padding and dilations',
    (numbers) => {
      const kernel = [numbers.integer(1, 3), numbers.integer(1, 3)];
      const dilations = [numbers.integer(1, 2), numbers.integer(1, 2)];
      const most = kernel.map((size, i) => (size - 1) * dilations[i]!);
      const depthwise = numbers.next() < 0.5;
      return {
        op: 'Conv',
        inputs: [
          numbers.uniform([2, 8, 7, 8]),
          numbers.uniform(depthwise ? [8, 1, ...kernel] : [numbers.pick([8, 16]), 8, ...kernel]),
        ],
        attributes: {
          dilations,
          pads: [...most, ...most].map((size) => numbers.integer(0, size)),
          group: depthwise ? 8 : 1,
        },
        constants: numbers.next() < 0.7 ? [1] : [],
        free: [0],
        elements: 25,
      };
    },
    { runs: 15 },
  );
});

describe('Conv with filters of one channel each', () => {
  itHasGradients(
    'in steps, and with several filters a channel',
    (numbers) => {
      const kernel = [numbers.integer(1, 5), numbers.integer(1, 5)];
      const strides = [numbers.integer(1, 3), numbers.integer(1, 3)];
      return {
        op: 'Conv',
        inputs: [numbers.uniform([2, 3, 9, 8]), numbers.uniform([3 * numbers.integer(1, 3), 1, ...kernel])],
        attributes: {
          strides,
          pads: [...kernel, ...kernel].map((size) => numbers.integer(0, size - 1)),
          group: 3,
        },
        constants: numbers.next() < 0.5 ? [1] : [],
        free: [0],
      };
    },
    { runs: 25 },
  );
});

describe('ConvTranspose', () => {
  itHasGradients(
    'whatever strides, padding, dilations and groups',
    (numbers) => {
      const { groups, images, channels, filters, kernel, sizes, attributes, pads, free } = convCase(numbers);
      const { strides } = attributes;
      return {
        op: 'ConvTranspose',
        inputs: [
          numbers.uniform([images, channels, ...sizes]),
          numbers.uniform([channels, filters / groups, ...kernel]),
          numbers.next() < 0.5 ? numbers.uniform([filters]) : undefined,
        ],
        attributes: {
          ...attributes,
          pads: pads && [...kernel, ...kernel].map((size) => numbers.integer(0, Math.min(1, size - 1))),
          output_padding: strides.map((stride) => numbers.integer(0, stride - 1)),
        },
        free,
        elements: 25,
      };
    },
    { runs: 40 },
  );

  itHasGradients(
    'with the shape of the output given',
    (numbers) => ({
      op: 'ConvTranspose',
      inputs: [numbers.uniform([1, 2, 4, 5]), numbers.uniform([2, 1, 3, 3])],
      attributes: {
        strides: [2, 3],
        output_shape: [numbers.integer(7, 9), numbers.integer(13, 16)],
        auto_pad: numbers.pick(['NOTSET', 'SAME_UPPER', 'SAME_LOWER']),
      },
      elements: 25,
    }),
    { runs: 12 },
  );
});
