import { float32Tensor } from '../../graph/tensor';
import { checkRule, itHasGradients, Numbers } from '../check-rule.kit';

function poolCase(numbers: Numbers) {
  const rank = numbers.pick([1, 2, 2, 3]);
  const each = (low: number, high: number, count = rank) =>
    Array.from({ length: count }, () => numbers.integer(low, high));
  const kernel = each(1, 3);
  const autoPad = numbers.pick(['NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID']);
  const given = autoPad === 'NOTSET';
  const dilations = given ? each(1, 2) : undefined;
  return {
    dims: [numbers.integer(1, 2), numbers.integer(1, 2), ...kernel.map((size) => 2 * size + numbers.integer(0, 3))],
    attributes: {
      kernel_shape: kernel,
      // ONNX Runtime refuses automatic padding where windows leave gaps.
      strides: numbers.next() < 0.4 ? kernel : each(1, 3).map((size, i) => (given ? size : Math.min(size, kernel[i]!))),
      pads: given ? [...kernel, ...kernel].map((size) => numbers.integer(0, size - 1)) : undefined,
      auto_pad: autoPad,
      ceil_mode: given ? numbers.integer(0, 1) : 0,
    },
    dilations,
    free: numbers.next() < 0.5 ? [0] : [],
  };
}

describe('MaxPool', () => {
  itHasGradients(
    'whatever the windows',
    (numbers) => {
      const { dims, attributes, dilations, free } = poolCase(numbers);
      return { op: 'MaxPool', inputs: [numbers.distinct(dims)], attributes: { ...attributes, dilations }, free };
    },
    { runs: 60 },
  );

  itHasGradients(
    'by 2 x 2 in steps of 2, over rows of any length',
    (numbers) => {
      const dims = [2, 2, 2 * numbers.integer(1, 3), 2 * numbers.pick([1, 2, 5, 20])];
      return {
        op: 'MaxPool',
        inputs: [numbers.distinct(dims)],
        attributes: { kernel_shape: [2, 2], strides: [2, 2] },
        free: [0],
      };
    },
    { runs: 10 },
  );

  itHasGradients(
    'by 3 x 3 in steps of 2, padded in front or behind',
    (numbers) => {
      const before = [numbers.integer(0, 1), numbers.integer(0, 1)];
      return {
        op: 'MaxPool',
        inputs: [numbers.distinct([2, 2, 2 * numbers.integer(1, 3), 2 * numbers.integer(1, 5)])],
        attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [...before, ...before.map((width) => 1 - width)] },
        free: [0],
      };
    },
    { runs: 12 },
  );

  it.each([
    [1, 0],
    [0, 1],
    [1, 1],
  ])('gives it to the first one where windows overlap, padded by %i and %i in front', async (top, left) => {
    const [height, width] = [6, 8];
    const numbers = new Numbers(31);
    const image = Array.from({ length: height * width }, () => numbers.integer(0, 2));
    const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [top, left, 1 - top, 1 - left] };
    const inputs = [float32Tensor([1, 1, height, width], image)];
    const [comparison] = await checkRule({ op: 'MaxPool', inputs, attributes, elements: Infinity, free: [0] });
    const expected = new Array<number>(image.length).fill(0);
    for (let window = 0; window < 12; window++) {
      const [row, column] = [2 * Math.floor(window / 4) - top, 2 * (window % 4) - left];
      const places = Array.from({ length: 9 }, (_, k) => [row + Math.floor(k / 3), column + (k % 3)] as const)
        .filter(([r, c]) => r >= 0 && r < height && c >= 0 && c < width)
        .map(([r, c]) => r * width + c);
      const largest = Math.max(...places.map((place) => image[place]!));
      expected[places.find((place) => image[place] === largest)!]! += Math.cos(1 + window * 1.7) + 0.3;
    }
    comparison!.derived.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  // With a free batch size there may be many elements, without one it is known that there are few: two ways of doing it.
  it.each([[[0]], [[]]])('gives the gradient of a window to its first maximum (free axes: %j)', async (free) => {
    const windows = [
      [1, 1, 1, 1],
      [0, 1, 1, 1],
      [0, 0, 1, 1],
      [0, 0, 0, 1],
    ];
    for (const [size, strides] of [
      [4, [2, 2]],
      [80, [2, 2]],
    ] as const) {
      const rows = [0, 2].map((from) => windows.flatMap((window) => window.slice(from, from + 2)));
      const image = rows.flatMap((row) => Array.from({ length: size * 2 }, (_, i) => row[i % 8]!));
      const [comparison] = await checkRule({
        op: 'MaxPool',
        inputs: [float32Tensor([1, 1, 2, size * 2], image)],
        attributes: { kernel_shape: [2, 2], strides },
        elements: Infinity,
        free,
      });
      const taken = comparison!.derived.flatMap((value, i) => (value === 0 ? [] : [i]));
      const first = [0, 3, size * 2 + 4, size * 2 + 7];
      expect(taken.filter((place) => place % (size * 2) < 8)).toEqual(first);
      expect(taken).toHaveLength(size);
    }
  });

  it.each([[[0]], [[]]])('gives the gradient of a window to one of its equal maxima (free axes: %j)', async (free) => {
    for (const strides of [
      [2, 2],
      [1, 1],
    ]) {
      const [comparison] = await checkRule({
        op: 'MaxPool',
        inputs: [float32Tensor([1, 1, 4, 4], new Float32Array(16))],
        attributes: { kernel_shape: [2, 2], strides },
        free,
      });
      const windows = strides[0] === 2 ? 4 : 9;
      const weights = Array.from({ length: windows }, (_, i) => Math.cos(1 + i * 1.7) + 0.3);
      const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
      expect(total(comparison!.derived)).toBeCloseTo(total(weights), 5);
      expect(comparison!.derived.filter((value) => value !== 0).length).toBeLessThanOrEqual(windows);
    }
  });
});

describe('AveragePool', () => {
  itHasGradients(
    'whatever the windows',
    (numbers) => {
      const { dims, attributes, dilations, free } = poolCase(numbers);
      const count_include_pad = numbers.integer(0, 1);
      return {
        op: 'AveragePool',
        inputs: [numbers.uniform(dims)],
        attributes: { ...attributes, dilations, count_include_pad },
        free,
      };
    },
    { runs: 60 },
  );
});

describe('LpPool', () => {
  itHasGradients('whatever the windows', (numbers) => {
    const { dims, attributes, dilations, free } = poolCase(numbers);
    return {
      op: 'LpPool',
      inputs: [numbers.nonzero(dims)],
      // ONNX Runtime infers another shape than it computes for windows that begin in the padding at the end.
      attributes: { ...attributes, dilations, ceil_mode: 0, p: numbers.integer(1, 3) },
      free,
    };
  });
});

describe('Global poolings', () => {
  for (const op of ['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool']) {
    itHasGradients(
      op,
      (numbers) => {
        const { dims, free } = poolCase(numbers);
        return { op, inputs: [op === 'GlobalMaxPool' ? numbers.distinct(dims) : numbers.nonzero(dims)], free };
      },
      { runs: 10, within: 3e-3 },
    );
  }
});
