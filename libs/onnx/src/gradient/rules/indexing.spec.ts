import { int64Tensor, scalar } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('operators that read from places', () => {
  for (const axis of [0, 1, -1]) {
    itHasGradients(
      `Gather along axis ${axis}, some elements more than once`,
      (numbers) => ({
        op: 'Gather',
        inputs: [numbers.uniform([3, 3, 3]), int64Tensor([2, 2], [0, -1, 1, 0])],
        attributes: { axis },
        constants: numbers.next() < 0.5 ? [1] : [],
      }),
      { runs: 8 },
    );
  }

  itHasGradients('Gather of different elements: one, a run, some in another order', (numbers) => {
    const indices = numbers.pick([
      scalar(numbers.integer(-4, 3), 'int64'),
      int64Tensor([2], [1, 2]),
      int64Tensor([3], [3, -4, 2]),
    ]);
    const attributes = { axis: numbers.integer(-2, 1) };
    return { op: 'Gather', inputs: [numbers.uniform([4, 4]), indices], attributes, constants: [1] };
  });

  itHasGradients(
    'GatherElements, some elements more than once',
    (numbers) => ({
      op: 'GatherElements',
      inputs: [numbers.uniform([3, 2]), int64Tensor([2, 2], [0, -1, 0, 1])],
      attributes: { axis: 0 },
    }),
    { runs: 8 },
  );

  itHasGradients(
    'GatherND, rows and single elements',
    (numbers) => ({
      op: 'GatherND',
      inputs: [
        numbers.uniform([3, 2]),
        numbers.next() < 0.5 ? int64Tensor([3, 1], [2, 0, 2]) : int64Tensor([2, 2], [0, 1, 2, 0]),
      ],
    }),
    { runs: 8 },
  );
});
