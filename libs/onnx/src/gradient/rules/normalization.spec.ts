import { float } from '../../graph/attribute';
import { itHasGradients, type Numbers } from '../check-rule.kit';

const image = (numbers: Numbers, channels: number) => {
  const spatial = Array.from({ length: numbers.integer(1, 3) }, () => numbers.integer(2, 3));
  return [numbers.integer(1, 3), channels, ...spatial];
};
const free = (numbers: Numbers) => (numbers.next() < 0.5 ? [0] : []);
const epsilon = (numbers: Numbers) => float(numbers.pick([1e-5, 1e-2]));

describe('normalization layers', () => {
  itHasGradients('BatchNormalization', (numbers) => {
    const channels = numbers.integer(1, 3);
    const dims = numbers.next() < 0.3 ? [4, channels] : image(numbers, channels);
    const vector = (low: number, high: number) => numbers.uniform([channels], low, high);
    return {
      op: 'BatchNormalization',
      inputs: [numbers.uniform(dims), vector(0.5, 2), vector(-1, 1), vector(-1, 1), vector(0.5, 2)],
      attributes: { epsilon: epsilon(numbers) },
      free: free(numbers),
    };
  });

  for (const op of ['LayerNormalization', 'RMSNormalization']) {
    itHasGradients(op, (numbers) => {
      const dims = [numbers.integer(1, 3), numbers.integer(2, 3), numbers.integer(3, 4)];
      const axis = numbers.pick([-1, 1, 2, -2]);
      const shape = dims.slice(axis);
      return {
        op,
        inputs: [
          numbers.uniform(dims),
          numbers.uniform(shape),
          op === 'LayerNormalization' && numbers.next() < 0.7 ? numbers.uniform(shape) : undefined,
        ],
        attributes: { axis, epsilon: epsilon(numbers) },
        free: free(numbers),
        opset: 23,
        step: 0.01,
      };
    });
  }

  itHasGradients('InstanceNormalization', (numbers) => {
    const channels = numbers.integer(1, 3);
    const vector = () => numbers.uniform([channels]);
    return {
      op: 'InstanceNormalization',
      inputs: [numbers.uniform([2, channels, 3, 4]), vector(), vector()],
      attributes: { epsilon: epsilon(numbers) },
      free: free(numbers),
    };
  });

  for (const opset of [18, 21]) {
    itHasGradients(`GroupNormalization of operator set ${opset}`, (numbers) => {
      const groups = numbers.integer(1, 3);
      const channels = groups * numbers.integer(1, 2);
      const vector = () => numbers.uniform([opset === 18 ? groups : channels]);
      return {
        op: 'GroupNormalization',
        inputs: [numbers.uniform([2, channels, 3, 2]), vector(), vector()],
        attributes: { num_groups: groups, epsilon: epsilon(numbers) },
        free: free(numbers),
        opset,
      };
    });
  }

  itHasGradients('LpNormalization', (numbers) => ({
    op: 'LpNormalization',
    inputs: [numbers.distinct([3, 4], 0.2)],
    attributes: { axis: numbers.pick([0, 1, -1]), p: numbers.pick([1, 2]) },
    free: free(numbers),
  }));

  itHasGradients('MeanVarianceNormalization', (numbers) => ({
    op: 'MeanVarianceNormalization',
    inputs: [numbers.uniform([2, 3, 3, 4])],
    attributes: { axes: numbers.pick([undefined, [0, 2, 3], [2, 3]]) },
    free: free(numbers),
  }));

  itHasGradients('LRN', (numbers) => ({
    op: 'LRN',
    inputs: [numbers.uniform([2, 5, 2, 3])],
    attributes: {
      size: numbers.pick([1, 3, 5]),
      alpha: float(0.5 + numbers.next()),
      beta: float(0.75),
      bias: float(1 + numbers.next()),
    },
    free: free(numbers),
  }));
});
