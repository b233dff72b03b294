import { itHasGradients } from '../check-rule.kit';

/** Equations with the shapes of their operands. */
const EQUATIONS: readonly (readonly [string, readonly (readonly number[])[]])[] = [
  [
    'ij,jk->ik',
    [
      [2, 3],
      [3, 4],
    ],
  ],
  [
    'bhqd,bhkd->bhqk',
    [
      [2, 2, 3, 4],
      [2, 2, 2, 4],
    ],
  ],
  ['ij->ji', [[2, 3]]],
  ['ij->i', [[2, 3]]],
  ['ij->', [[2, 3]]],
  ['ii->i', [[3, 3]]],
  ['ii', [[3, 3]]],
  ['i,j->ij', [[2], [3]]],
  [
    '...ij,...jk->...ik',
    [
      [2, 2, 3],
      [2, 3, 2],
    ],
  ],
  [
    '...ij,jk',
    [
      [2, 2, 3],
      [3, 2],
    ],
  ],
  [
    'ab,bc,cd->ad',
    [
      [2, 3],
      [3, 2],
      [2, 3],
    ],
  ],
  [
    'ij,ij->i',
    [
      [2, 3],
      [2, 3],
    ],
  ],
];

describe('Einsum', () => {
  for (const [equation, shapes] of EQUATIONS) {
    itHasGradients(
      equation,
      (numbers) => ({
        op: 'Einsum',
        inputs: shapes.map((dims) => numbers.uniform(dims)),
        attributes: { equation },
      }),
      { runs: 3 },
    );
  }

  itHasGradients(
    'with a free dimension',
    (numbers) => ({
      op: 'Einsum',
      inputs: [numbers.uniform([3, 2, 4]), numbers.uniform([4, 2])],
      attributes: { equation: 'bij,jk->bk' },
      free: [0],
    }),
    { runs: 3 },
  );
});
