import { int64Vector, scalar } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('Pad', () => {
  for (const mode of ['constant', 'reflect', 'edge', 'wrap']) {
    itHasGradients(`in mode ${mode}`, (numbers) => {
      const dims = [numbers.integer(3, 4), numbers.integer(3, 4), numbers.integer(3, 4)];
      const axes = numbers.pick([undefined, [0, 2], [-1]]);
      const free = numbers.next() < 0.5 ? [0] : [];
      const widths = (axes ?? [0, 1, 2]).map((axis) => (axis === 0 && free.length > 0 ? 0 : 2));
      const low = mode === 'constant' ? -1 : 0;
      return {
        op: 'Pad',
        inputs: [
          numbers.uniform(dims),
          int64Vector([...widths, ...widths].map((width) => numbers.integer(width && low, width))),
          mode === 'constant' && numbers.next() < 0.5 ? scalar(0.7) : undefined,
          axes && int64Vector(axes),
        ],
        attributes: { mode },
        constants: numbers.next() < 0.7 ? [1, 3] : [3],
        free,
        elements: 40,
      };
    });
  }
});
