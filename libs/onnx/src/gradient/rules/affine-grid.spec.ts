import { int64Vector } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('AffineGrid', () => {
  itHasGradients('of images and volumes', (numbers) => {
    const d = numbers.pick([2, 3]);
    const size = [2, 1, ...Array.from({ length: d }, () => numbers.integer(1, 4))];
    return {
      op: 'AffineGrid',
      inputs: [numbers.uniform([2, d, d + 1]), int64Vector(size)],
      attributes: { align_corners: numbers.integer(0, 1) },
      constants: numbers.next() < 0.5 ? [1] : [],
    };
  });
});
