import { float32Tensor, int64Vector } from '../../graph/tensor';
import { checkRule, itHasGradients } from '../check-rule.kit';

const POSITIVE = ['ReduceLogSum', 'ReduceProd'];

describe('reductions', () => {
  for (const op of [
    'ReduceSum',
    'ReduceMean',
    'ReduceMax',
    'ReduceMin',
    'ReduceProd',
    'ReduceL1',
    'ReduceL2',
    'ReduceLogSum',
    'ReduceLogSumExp',
    'ReduceSumSquare',
  ]) {
    itHasGradients(
      `${op} over any axes`,
      (numbers) => {
        const rank = numbers.integer(1, 4);
        const dims = Array.from({ length: rank }, () => numbers.integer(1, 3));
        const axes = dims.map((_, axis) => axis).filter(() => numbers.next() < 0.5);
        const given = numbers.next() < 0.8;
        return {
          op,
          inputs: [
            POSITIVE.includes(op) ? numbers.uniform(dims, 0.6, 1.4) : numbers.distinct(dims, 0.15),
            given ? int64Vector(axes.map((axis) => (numbers.next() < 0.5 ? axis : axis - rank))) : undefined,
          ],
          attributes: { keepdims: numbers.integer(0, 1), noop_with_empty_axes: numbers.integer(0, 1) },
          constants: [1],
          free: numbers.next() < 0.5 ? [0] : [],
        };
      },
      { runs: 15 },
    );
  }

  it('ReduceProd passes the gradient to the only zero, and to nothing where there are two', async () => {
    const [comparison] = await checkRule({
      op: 'ReduceProd',
      inputs: [float32Tensor([3, 3], [2, 0, 3, 0, 0, 5, 1, 2, 4]), int64Vector([1])],
      constants: [1],
    });
    const weights = [0, 1, 2].map((i) => Math.cos(1 + i * 1.7) + 0.3);
    const expected = [0, 6, 0, 0, 0, 0, 8, 4, 2].map((value, i) => value * weights[Math.floor(i / 3)]!);
    comparison!.derived.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it('ReduceMax gives equal maxima equal shares of the gradient', async () => {
    const [comparison] = await checkRule({ op: 'ReduceMax', inputs: [float32Tensor([4], [1, 3, 3, 0])] });
    const weight = Math.cos(1) + 0.3;
    [0, 0.5, 0.5, 0].forEach((share, i) => expect(comparison!.derived[i]).toBeCloseTo(share * weight, 5));
  });

  it('ReduceL2 has the gradient 0 at 0', async () => {
    const [comparison] = await checkRule({ op: 'ReduceL2', inputs: [float32Tensor([2], [0, 0])] });
    expect(comparison!.derived).toEqual([0, 0]);
  });
});
