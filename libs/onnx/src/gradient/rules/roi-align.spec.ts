import { float } from '../../graph/attribute';
import { float32Tensor, int64Vector } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('RoiAlign', () => {
  itHasGradients('of regions within, beyond and apart from the images', (numbers) => {
    const [height, width] = [numbers.integer(3, 6), numbers.integer(3, 6)];
    const regions = Array.from({ length: 3 }, () => {
      const [left, top] = [6 * numbers.next() - 2, 6 * numbers.next() - 2];
      return [left, top, left + 4 * numbers.next(), top + 4 * numbers.next()];
    });
    return {
      op: 'RoiAlign',
      inputs: [
        numbers.uniform([2, 2, height, width]),
        float32Tensor([4, 4], [...regions.flat(), 20, 20, 24, 24]),
        int64Vector([0, 1, 1, 0]),
      ],
      attributes: {
        output_height: numbers.integer(1, 3),
        output_width: numbers.integer(1, 3),
        sampling_ratio: numbers.integer(0, 2),
        spatial_scale: float(numbers.pick([1, 0.5])),
        coordinate_transformation_mode: numbers.pick(['half_pixel', 'output_half_pixel']),
      },
      constants: [1, 2],
    };
  });
});
