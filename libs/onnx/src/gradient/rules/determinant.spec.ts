import { float32Tensor } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('Det', () => {
  itHasGradients('of any size', (numbers) => {
    const n = numbers.integer(1, 5);
    return { op: 'Det', inputs: [numbers.uniform([2, 3, n, n])], free: [0] };
  });

  itHasGradients('of one matrix', (numbers) => ({ op: 'Det', inputs: [numbers.uniform([3, 3])] }));

  itHasGradients('without an inverse', (numbers) => {
    const [a, b] = [numbers.uniform([3]), numbers.uniform([3])].map(({ data }) => data as Float32Array);
    return { op: 'Det', inputs: [float32Tensor([3, 3], [...a!, ...b!, ...a!])] };
  });
});
