import { itHasGradients } from '../check-rule.kit';

describe('Softmax and LogSoftmax', () => {
  for (const op of ['Softmax', 'LogSoftmax']) {
    itHasGradients(`${op} along any axis`, (numbers) => {
      const rank = numbers.integer(1, 4);
      const dims = Array.from({ length: rank }, () => numbers.integer(1, 4));
      return {
        op,
        inputs: [numbers.uniform(dims)],
        attributes: { axis: numbers.integer(-rank, rank - 1) },
        free: numbers.next() < 0.5 ? [0] : [],
      };
    });

    itHasGradients(
      `${op} of the operator sets before 13, over all axes from one on`,
      (numbers) => {
        const rank = numbers.integer(2, 4);
        const dims = Array.from({ length: rank }, () => numbers.integer(1, 4));
        return {
          op,
          inputs: [numbers.uniform(dims)],
          attributes: numbers.next() < 0.5 ? {} : { axis: numbers.integer(1, rank - 1) },
          free: numbers.next() < 0.5 ? [0] : [],
          opset: 11,
          irVersion: 6,
        };
      },
      { runs: 10 },
    );
  }
});
