import { float } from '../../graph/attribute';
import { itHasGradients } from '../check-rule.kit';

describe('Gemm', () => {
  itHasGradients('whatever is transposed, scaled and broadcast', (numbers) => {
    const [rows, shared, columns] = [numbers.integer(1, 4), numbers.integer(1, 4), numbers.integer(1, 4)];
    const [transA, transB] = [numbers.integer(0, 1), numbers.integer(0, 1)];
    const biases = [undefined, [columns], [1, columns], [rows, 1], [rows, columns], [], [1]];
    const bias = numbers.pick(biases);
    return {
      op: 'Gemm',
      inputs: [
        numbers.uniform(transA ? [shared, rows] : [rows, shared]),
        numbers.uniform(transB ? [columns, shared] : [shared, columns]),
        bias && numbers.uniform(bias),
      ],
      attributes: { transA, transB, alpha: float(0.5 + numbers.next()), beta: float(0.5 + numbers.next()) },
      free: transA === 0 && bias?.[0] !== rows ? [0] : [],
    };
  });
});
