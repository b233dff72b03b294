import { itHasGradients, type Numbers } from '../check-rule.kit';

const PADDINGS = ['zeros', 'border', 'reflection'];

/** Points of a grid that stay away from where the neighbours change, within the image and around it. */
function gridCase(numbers: Numbers, mode: string, padding_mode: string, reach: number) {
  const [count, channels] = [numbers.integer(1, 2), numbers.integer(1, 3)];
  const [height, width] = [numbers.integer(2, 4), numbers.integer(2, 4)];
  const align_corners = numbers.integer(0, 1);
  const grid = numbers.uniform([count, 3, 2, 2], -reach, reach);
  const values = grid.data as Float32Array;
  values.forEach((value, i) => {
    const size = i % 2 === 0 ? width : height;
    const factor = (align_corners ? size - 1 : size) / 2;
    const position = value * factor + (size - 1) / 2;
    // Twice, as the ends of the image lie halfway between pixels.
    const twice = 2 * position;
    const within = Math.min(0.85, Math.max(0.15, twice - Math.floor(twice)));
    values[i] = ((Math.floor(twice) + within) / 2 - (size - 1) / 2) / factor;
  });
  return {
    op: 'GridSample',
    inputs: [numbers.uniform([count, channels, height, width]), grid],
    attributes: { mode, padding_mode, align_corners },
    free: [0, 1],
    step: 0.01,
  };
}

describe('GridSample', () => {
  for (const padding of PADDINGS) {
    for (const mode of ['nearest', 'linear', 'cubic']) {
      itHasGradients(`${mode}, ${padding}`, (numbers) => gridCase(numbers, mode, padding, 1.6), { runs: 12 });
    }
  }

  itHasGradients('of volumes', (numbers) => {
    const sizes = [numbers.integer(2, 3), numbers.integer(2, 3), numbers.integer(2, 3)];
    return {
      op: 'GridSample',
      inputs: [numbers.uniform([2, 2, ...sizes]), numbers.uniform([2, 2, 1, 2, 3], -0.2, -0.05)],
      attributes: { mode: numbers.pick(['nearest', 'linear']), padding_mode: numbers.pick(PADDINGS) },
      step: 0.01,
    };
  });

  itHasGradients('of a constant grid', (numbers) => ({ ...gridCase(numbers, 'linear', 'zeros', 1.2), constants: [1] }));
});
