import { float32Tensor, scalar } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('DFT', () => {
  itHasGradients('of real and complex values', (numbers) => {
    const dims = [2, numbers.integer(2, 6), numbers.integer(2, 6), numbers.integer(1, 2)];
    const inverse = dims[3] === 2 ? numbers.integer(0, 1) : 0;
    return {
      op: 'DFT',
      inputs: [
        numbers.uniform(dims),
        numbers.next() < 0.5 ? scalar(numbers.integer(2, 8), 'int64') : undefined,
        scalar(numbers.pick([1, 2, -2]), 'int64'),
      ],
      attributes: { inverse, onesided: dims[3] === 1 ? numbers.integer(0, 1) : 0 },
      constants: [1, 2],
      free: [0],
    };
  });

  itHasGradients('before operator set 20', (numbers) => ({
    op: 'DFT',
    inputs: [numbers.uniform([2, 5, 1])],
    attributes: { axis: 1, onesided: numbers.integer(0, 1) },
    opset: 17,
  }));
});

describe('STFT', () => {
  itHasGradients('of real and complex signals', (numbers) => {
    const size = numbers.integer(3, 8);
    const parts = numbers.integer(1, 2);
    // ONNX Runtime 1.30 reads beyond the window of complex signals.
    const windowed = parts === 1 && numbers.next() < 0.7;
    return {
      op: 'STFT',
      inputs: [
        numbers.uniform([2, numbers.integer(size, 20), parts]),
        scalar(numbers.integer(1, 4), 'int64'),
        windowed ? numbers.uniform([size], 0.2, 1) : undefined,
        windowed && numbers.next() < 0.5 ? undefined : scalar(size, 'int64'),
      ],
      attributes: { onesided: parts === 1 ? numbers.integer(0, 1) : 0 },
      constants: [1, 3],
      free: [0],
    };
  });

  itHasGradients('of a window of zeros', (numbers) => ({
    op: 'STFT',
    inputs: [numbers.uniform([1, 12, 1]), scalar(2, 'int64'), float32Tensor([4], [0, 1, 1, 0]), scalar(4, 'int64')],
    constants: [1, 2, 3],
  }));
});
