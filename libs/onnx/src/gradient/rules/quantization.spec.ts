import { tensor } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('DequantizeLinear', () => {
  const integers = [3, -7, 100, -128, 1, 64];

  itHasGradients(
    'DequantizeLinear by one scale',
    (numbers) => ({
      op: 'DequantizeLinear',
      inputs: [tensor('int8', [2, 3], Int8Array.from(integers)), numbers.uniform([], 0.01, 0.1)],
      constants: [0],
    }),
    { runs: 8 },
  );

  itHasGradients(
    'DequantizeLinear by a scale for each column, with zero points',
    (numbers) => ({
      op: 'DequantizeLinear',
      inputs: [
        tensor('int8', [2, 3], Int8Array.from(integers)),
        numbers.uniform([3], 0.01, 0.1),
        tensor('int8', [3], Int8Array.of(5, -2, 0)),
      ],
      attributes: { axis: 1 },
      constants: [0, 2],
      step: 0.001,
    }),
    { runs: 8 },
  );
});
