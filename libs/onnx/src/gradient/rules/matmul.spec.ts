import { itHasGradients } from '../check-rule.kit';

describe('MatMul', () => {
  itHasGradients(
    'for vectors, matrices and stacks of them under broadcasting',
    (numbers) => {
      const [rows, shared, columns] = [numbers.integer(1, 3), numbers.integer(1, 3), numbers.integer(1, 3)];
      const stack = Array.from({ length: numbers.integer(0, 2) }, () => numbers.integer(1, 3));
      const part = () => stack.slice(numbers.integer(0, stack.length)).map((size) => (numbers.next() < 0.3 ? 1 : size));
      const left = numbers.next() < 0.2 ? [shared] : [...part(), rows, shared];
      const right = numbers.next() < 0.2 ? [shared] : [...part(), shared, columns];
      return { op: 'MatMul', inputs: [numbers.uniform(left), numbers.uniform(right)] };
    },
    { runs: 40 },
  );

  itHasGradients(
    'for a stack of free size and one matrix',
    (numbers) => ({ op: 'MatMul', inputs: [numbers.uniform([3, 2, 4]), numbers.uniform([4, 5])], free: [0] }),
    { runs: 3 },
  );
});
