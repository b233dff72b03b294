import { int64Tensor, int64Vector } from '../../graph/tensor';
import { itHasGradients, type Numbers } from '../check-rule.kit';

const shapeOf = (numbers: Numbers, rank = numbers.integer(1, 4), high = 4) =>
  Array.from({ length: rank }, () => numbers.integer(1, high));
const maybeFree = (numbers: Numbers) => (numbers.next() < 0.5 ? [0] : []);

describe('operators that change the shape', () => {
  itHasGradients('Reshape', (numbers) => {
    const dims = shapeOf(numbers, 3);
    return {
      op: 'Reshape',
      inputs: [numbers.uniform(dims), int64Vector(numbers.pick([[-1], [0, -1], [0, -1, dims[2]!, 1]]))],
      constants: [1],
      free: maybeFree(numbers),
    };
  });

  itHasGradients('Flatten', (numbers) => {
    const dims = shapeOf(numbers);
    return {
      op: 'Flatten',
      inputs: [numbers.uniform(dims)],
      attributes: { axis: numbers.integer(-dims.length, dims.length) },
      free: maybeFree(numbers),
    };
  });

  itHasGradients('Squeeze', (numbers) => ({
    op: 'Squeeze',
    inputs: [numbers.uniform([3, 1, 2, 1]), numbers.pick([undefined, int64Vector([1]), int64Vector([-1, 1])])],
    constants: [1],
    free: maybeFree(numbers),
  }));

  itHasGradients('Unsqueeze', (numbers) => ({
    op: 'Unsqueeze',
    inputs: [numbers.uniform([3, 2]), int64Vector(numbers.pick([[0], [1, 3], [-1]]))],
    constants: [1],
    free: maybeFree(numbers),
  }));

  itHasGradients('Transpose', (numbers) => {
    const dims = shapeOf(numbers);
    const perm = dims.map((_, axis) => axis).sort(() => numbers.next() - 0.5);
    return {
      op: 'Transpose',
      inputs: [numbers.uniform(dims)],
      attributes: { perm: numbers.next() < 0.3 ? undefined : perm },
      free: maybeFree(numbers),
    };
  });

  itHasGradients('Expand', (numbers) => {
    const dims = shapeOf(numbers, 3).map((size) => (numbers.next() < 0.4 ? 1 : size));
    const wanted = [2, ...dims.map((size) => (size === 1 ? numbers.integer(1, 3) : size))];
    return { op: 'Expand', inputs: [numbers.uniform(dims), int64Vector(wanted)], constants: [1] };
  });

  itHasGradients('Tile', (numbers) => {
    const dims = shapeOf(numbers);
    const repeats = dims.map(() => numbers.integer(1, 3));
    const constants = numbers.next() < 0.7 ? [1] : [];
    return { op: 'Tile', inputs: [numbers.uniform(dims), int64Vector(repeats)], constants, free: maybeFree(numbers) };
  });
});

describe('operators that join and part', () => {
  itHasGradients('Concat', (numbers) => {
    const dims = shapeOf(numbers);
    const axis = numbers.integer(0, dims.length - 1);
    const inputs = Array.from({ length: numbers.integer(1, 3) }, () =>
      numbers.uniform(dims.map((size, i) => (i === axis ? numbers.integer(1, 4) : size))),
    );
    const free = numbers.next() < 0.5 ? inputs.map((_, i) => i) : [];
    return { op: 'Concat', inputs, attributes: { axis: numbers.pick([axis, axis - dims.length]) }, free };
  });

  itHasGradients('Split', (numbers) => {
    const axis = numbers.integer(0, 2);
    const dims = [3, 3, 3].map((size, i) => (i === axis ? 6 : size));
    const sizes = numbers.pick([[1, 2, 3], [2, 4], [6], undefined]);
    return {
      op: 'Split',
      inputs: [numbers.uniform(dims), sizes && int64Vector(sizes)],
      attributes: { axis, num_outputs: sizes ? undefined : 3 },
      outputs: sizes?.length ?? 3,
      constants: [1],
      free: axis === 0 ? [] : maybeFree(numbers),
    };
  });

  itHasGradients(
    'Slice with steps of both signs, bounds beyond the ends, constant or computed',
    (numbers) => {
      const dims = shapeOf(numbers, 3, 6).map((size) => size + 2);
      const free = maybeFree(numbers);
      const axes = [0, 1, 2].slice(free.length).filter(() => numbers.next() < 0.7);
      const steps = axes.map(() => numbers.pick([1, 1, 2, 3, -1, -2]));
      const starts = axes.map((axis, i) =>
        steps[i]! > 0 ? numbers.pick([0, 1, -dims[axis]!]) : numbers.pick([-1, 100]),
      );
      const ends = axes.map((axis, i) =>
        steps[i]! > 0 ? numbers.pick([dims[axis]! - 1, 2 ** 62, -1]) : numbers.pick([0, -(2 ** 62)]),
      );
      return {
        op: 'Slice',
        inputs: [
          numbers.uniform(dims),
          int64Vector(starts),
          int64Vector(ends),
          int64Vector(axes.map((axis) => numbers.pick([axis, axis - 3]))),
          int64Vector(steps),
        ],
        constants: numbers.next() < 0.8 ? [1, 2, 3, 4] : [],
        free,
        elements: 30,
      };
    },
    { runs: 50 },
  );
});

describe('operators that pick elements', () => {
  itHasGradients(
    'Gather',
    (numbers) => {
      const dims = shapeOf(numbers, numbers.integer(1, 3));
      const axis = numbers.integer(0, dims.length - 1);
      const shape = numbers.pick([[], [3], [2, 2]]);
      const count = shape.reduce((product, size) => product * size, 1);
      const places = Array.from({ length: count }, () => numbers.integer(-dims[axis]!, dims[axis]! - 1));
      return {
        op: 'Gather',
        inputs: [numbers.uniform(dims), int64Tensor(shape, places)],
        attributes: { axis },
        free: axis === 0 ? [] : maybeFree(numbers),
      };
    },
    { runs: 30 },
  );

  itHasGradients('GatherElements', (numbers) => {
    const axis = numbers.integer(0, 1);
    const places = Array.from({ length: 6 }, () => numbers.integer(-3, 2));
    const inputs = [numbers.uniform([3, 3]), int64Tensor(axis ? [3, 2] : [2, 3], places)];
    return { op: 'GatherElements', inputs, attributes: { axis } };
  });

  itHasGradients('GatherND', (numbers) => {
    const batch_dims = numbers.integer(0, 1);
    const places = Array.from({ length: 6 }, () => numbers.integer(-2, 1));
    const indices = batch_dims ? int64Tensor([3, 1, 2], places) : int64Tensor([2, 3], places);
    return { op: 'GatherND', inputs: [numbers.uniform([3, 2, 2]), indices], attributes: { batch_dims } };
  });
});
