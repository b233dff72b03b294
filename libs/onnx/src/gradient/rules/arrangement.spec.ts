import { boolTensor, int64Tensor, int64Vector, scalar } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('operators that select, reorder or add up along axes', () => {
  itHasGradients('TopK', (numbers) => ({
    op: 'TopK',
    inputs: [numbers.distinct([3, 4]), int64Vector([2])],
    attributes: { axis: numbers.pick([0, 1, -1]), largest: numbers.integer(0, 1), sorted: 1 },
    outputs: 2,
    constants: [1],
  }));

  itHasGradients('CumSum', (numbers) => ({
    op: 'CumSum',
    inputs: [numbers.uniform([3, 4]), scalar(numbers.pick([0, 1, -1]), 'int64')],
    attributes: { exclusive: numbers.integer(0, 1), reverse: numbers.integer(0, 1) },
    constants: [1],
    free: [0],
  }));

  for (const mode of ['DCR', 'CRD']) {
    itHasGradients(
      `DepthToSpace, ${mode}`,
      (numbers) => ({
        op: 'DepthToSpace',
        inputs: [numbers.uniform([2, 8, 2, 3])],
        attributes: { mode, blocksize: 2 },
        free: [0],
        elements: 96,
      }),
      { runs: 4 },
    );
  }

  itHasGradients(
    'SpaceToDepth',
    (numbers) => ({
      op: 'SpaceToDepth',
      inputs: [numbers.uniform([2, 2, 4, 6])],
      attributes: { blocksize: 2 },
      free: [0],
      elements: 96,
    }),
    { runs: 4 },
  );

  itHasGradients('Trilu', (numbers) => ({
    op: 'Trilu',
    inputs: [numbers.uniform([2, 4, 3]), scalar(numbers.integer(-1, 1), 'int64')],
    attributes: { upper: numbers.integer(0, 1) },
    constants: [1],
    free: [0],
  }));

  itHasGradients('ReverseSequence', (numbers) => ({
    op: 'ReverseSequence',
    inputs: [numbers.uniform([4, 2, 2]), int64Vector([3, 2])],
    attributes: { batch_axis: 1, time_axis: 0 },
  }));

  itHasGradients('Compress', (numbers) => ({
    op: 'Compress',
    inputs: [numbers.uniform([3, 4]), boolTensor([3], [true, false, true])],
    attributes: { axis: numbers.integer(0, 1) },
  }));

  itHasGradients('Dropout at inference', (numbers) => ({
    op: 'Dropout',
    inputs: [numbers.uniform([3, 4])],
    opset: numbers.pick([10, 13]),
    irVersion: 5,
    free: [0],
  }));

  itHasGradients('MaxUnpool', (numbers) => ({
    op: 'MaxUnpool',
    inputs: [numbers.uniform([1, 1, 2, 2]), int64Tensor([1, 1, 2, 2], [5, 2, 8, 15])],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
  }));
});
