import { int64Tensor } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('operators that write to places', () => {
  for (const reduction of ['none', 'add', 'mul', 'max', 'min']) {
    itHasGradients(`ScatterElements, ${reduction}`, (numbers) => {
      const axis = numbers.integer(0, 1);
      // Distinct places, as what is written twice without a reduction is not defined.
      const places = axis ? [0, 2, 1, -1, 1, 0] : [0, 2, 1, 2, 1, -3];
      return {
        op: 'ScatterElements',
        inputs: [
          numbers.distinct([3, 3]),
          int64Tensor(axis ? [3, 2] : [2, 3], places),
          numbers.uniform(axis ? [3, 2] : [2, 3], 0.51, 0.99),
        ],
        attributes: { axis, reduction },
        step: 0.002,
      };
    });

    itHasGradients(`ScatterND, ${reduction}`, (numbers) => ({
      op: 'ScatterND',
      inputs: [numbers.distinct([4, 3]), int64Tensor([2, 1], [2, 0]), numbers.uniform([2, 3], 0.51, 0.99)],
      attributes: { reduction },
      step: 0.002,
    }));
  }

  for (const mode of ['linear', 'circular']) {
    itHasGradients(
      `TensorScatter, ${mode}`,
      (numbers) => {
        const whole = numbers.next() < 0.3;
        const axis = numbers.pick([1, 2, -2]);
        const dims = axis === 1 ? [2, 2, 3, 4] : [2, 3, 2, 4];
        return {
          op: 'TensorScatter',
          opset: 24,
          inputs: [
            numbers.uniform(axis === 1 ? [2, 5, 3, 4] : [2, 3, 5, 4]),
            numbers.uniform(dims),
            whole ? undefined : int64Tensor([2], mode === 'circular' ? [4, 1] : [3, 0]),
          ],
          attributes: { axis, mode },
        };
      },
      { runs: 8 },
    );
  }
});
