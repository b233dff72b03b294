import { boolTensor, elementCount, float32Tensor, int64Tensor, scalar } from '../../graph/tensor';
import { checkRule, itHasGradients, type Numbers } from '../check-rule.kit';

/** Shapes that broadcast against each other. */
function broadcasting(numbers: Numbers, count: number): number[][] {
  const rank = numbers.integer(1, 4);
  const whole = Array.from({ length: rank }, () => numbers.integer(1, 3));
  return Array.from({ length: count }, () => {
    const kept = whole.slice(numbers.next() < 0.3 ? numbers.integer(0, rank) : 0);
    return kept.map((size) => (numbers.next() < 0.25 ? 1 : size));
  });
}

describe('operators on two inputs', () => {
  for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Pow']) {
    itHasGradients(`${op} under broadcasting`, (numbers) => {
      const [a, b] = broadcasting(numbers, 2) as [number[], number[]];
      const positive = op === 'Div' || op === 'Pow';
      const first = op === 'Pow' ? numbers.uniform(a, 0.5, 2) : numbers.uniform(a);
      return { op, inputs: [first, positive ? numbers.uniform(b, 0.5, 2) : numbers.uniform(b)] };
    });
  }

  for (const power of [0, 0.5, 1, 2, 3, -2]) {
    itHasGradients(
      `Pow for the constant exponent ${power}`,
      (numbers) => {
        const base = power === 0.5 ? numbers.uniform([2, 3], 0.3, 2) : numbers.distinct([2, 3], 0.4);
        const exponent = power === 2 ? int64Tensor([], [power]) : scalar(power);
        return { op: 'Pow', inputs: [base, exponent], constants: [1], free: [0] };
      },
      { runs: 3 },
    );
  }

  itHasGradients(
    'Mod of floats',
    (numbers) => ({
      op: 'Mod',
      inputs: [numbers.uniform([3, 4], 2.1, 2.6), numbers.uniform([4], 0.9, 0.95)],
      attributes: { fmod: 1 },
      step: 0.005,
    }),
    { runs: 5 },
  );
});

describe('operators on any number of inputs', () => {
  for (const op of ['Sum', 'Mean', 'Max', 'Min']) {
    itHasGradients(`${op} under broadcasting`, (numbers) => {
      const shapes = broadcasting(numbers, numbers.integer(1, 4));
      const total = shapes.reduce((sum, dims) => sum + elementCount(dims), 0);
      // Cut from one list, so that no two inputs have equal elements.
      const pool = numbers.distinct([total]).data as Float32Array;
      let offset = 0;
      const inputs = shapes.map((dims) => {
        const data = pool.slice(offset, (offset += elementCount(dims)));
        return { type: 'float32', dims, data } as const;
      });
      return { op, inputs };
    });
  }

  it.each(['Max', 'Min'])('%s gives the gradient to the first of equal inputs', async (op) => {
    const [a, b] = [float32Tensor([3], [1, 2, 3]), float32Tensor([3], [1, 3, 2])];
    const comparisons = await checkRule({ op, inputs: [a, b, float32Tensor([3], [1, 2.5, 2.5])] });
    const taken = comparisons.map(({ derived }) => derived.map((value) => value !== 0));
    const [first, second] = op === 'Max' ? ['101', '010'] : ['110', '001'];
    expect(taken.map((row) => row.map(Number).join(''))).toEqual([first, second, '000']);
  });

  itHasGradients('Where under broadcasting', (numbers) => {
    const [condition, a, b] = broadcasting(numbers, 3) as [number[], number[], number[]];
    const choices = Array.from({ length: elementCount(condition) }, () => numbers.next() < 0.5);
    return { op: 'Where', inputs: [boolTensor(condition, choices), numbers.uniform(a), numbers.uniform(b)] };
  });
});
