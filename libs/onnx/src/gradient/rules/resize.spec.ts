import { float } from '../../graph/attribute';
import { float32Tensor, int64Vector } from '../../graph/tensor';
import { itHasGradients, type Numbers } from '../check-rule.kit';

const COORDINATES = ['half_pixel', 'half_pixel_symmetric', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];

function resizeCase(numbers: Numbers, mode: string) {
  const [height, width] = [numbers.integer(2, 4), numbers.integer(2, 4)];
  const bySizes = numbers.next() < 0.5;
  const [toHeight, toWidth] = [numbers.integer(1, 7), numbers.integer(1, 7)];
  const scales = float32Tensor([4], [1, 1, toHeight / height, toWidth / width]);
  return {
    op: 'Resize',
    inputs: [
      numbers.uniform([numbers.integer(1, 2), 2, height, width]),
      undefined,
      bySizes ? undefined : scales,
      bySizes ? int64Vector([2, 2, toHeight, toWidth]) : undefined,
    ],
    attributes: { mode, coordinate_transformation_mode: numbers.pick(COORDINATES) },
    constants: [2, 3],
  };
}

describe('Resize', () => {
  itHasGradients('nearest', (numbers) => {
    const { inputs, attributes, ...rest } = resizeCase(numbers, 'nearest');
    const nearest_mode = numbers.pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']);
    const [x, ...parameters] = inputs;
    const whole = x && { ...x, dims: [2, ...x.dims.slice(1)], data: numbers.uniform([2, ...x.dims.slice(1)]).data };
    return { ...rest, inputs: [whole, ...parameters], attributes: { ...attributes, nearest_mode } };
  });

  for (const mode of ['linear', 'cubic']) {
    itHasGradients(mode, (numbers) => {
      const { inputs, attributes, ...rest } = resizeCase(numbers, mode);
      const [x, ...parameters] = inputs;
      const whole = x && { ...x, dims: [2, ...x.dims.slice(1)], data: numbers.uniform([2, ...x.dims.slice(1)]).data };
      const antialias = numbers.integer(0, 1);
      return { ...rest, inputs: [whole, ...parameters], attributes: { ...attributes, antialias } };
    });
  }

  itHasGradients('of a batch of free size', (numbers) => ({
    op: 'Resize',
    inputs: [numbers.uniform([2, 2, 3, 4]), undefined, float32Tensor([4], [1, 1, 2, 1.5])],
    attributes: { mode: numbers.pick(['nearest', 'linear']), coordinate_transformation_mode: 'asymmetric' },
    constants: [2],
    free: [0],
  }));

  itHasGradients('of one region', (numbers) => ({
    op: 'Resize',
    inputs: [
      numbers.uniform([1, 1, 4, 4]),
      float32Tensor([8], [0, 0, 0.2, 0.3, 1, 1, 0.8, 1.3]),
      undefined,
      int64Vector([1, 1, 3, 5]),
    ],
    attributes: {
      mode: numbers.pick(['nearest', 'linear']),
      coordinate_transformation_mode: 'tf_crop_and_resize',
      extrapolation_value: float(2),
    },
    constants: [1, 3],
  }));
});

describe('Upsample', () => {
  itHasGradients('nearest and linear, in the operator sets that have it', (numbers) => ({
    op: 'Upsample',
    inputs: [numbers.uniform([1, 2, 3, 2]), float32Tensor([4], [1, 1, 2, 3])],
    attributes: { mode: numbers.pick(['nearest', 'linear']) },
    constants: [1],
    opset: 9,
    irVersion: 4,
  }));
});
