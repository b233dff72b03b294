import { float32Tensor } from '../../graph/tensor';
import type { GradientRule } from '../rule';

/**
 * theta [N, d, d + 1] times the points of a grid and 1. The points are those that the identity makes: the gradient is
 * the sum of its own products with them.
 */
const affineGrid: GradientRule = (c) => {
  const { emit, node } = c;
  const theta = c.input(0);
  const d = c.staticDims(theta, 1)[0]!;
  const identity = Array.from({ length: d * (d + 1) }, (_, i) => Number(i % (d + 2) === 0));
  const one = emit.constant(float32Tensor([1, d, d + 1], identity));
  const like = c.elementType(theta) === 'float32' ? one : emit.cast(one, c.elementType(theta));
  const places = emit.op('Slice', [c.input(1), emit.ints([1]), emit.ints([2 ** 62])]);
  const size = emit.op('Concat', [emit.ints([1]), places], { axis: 0 });
  const points = emit.reshape(emit.op('AffineGrid', [like, size], node.attributes), [-1, d]);
  const rest = emit.filled(
    emit.op('Concat', [emit.op('Shape', [points], { end: 1 }), emit.ints([1])], { axis: 0 }),
    1,
    theta,
  );
  const gradient = emit.transpose(emit.op('Reshape', [c.gradient, emit.ints([0, -1, d])]), [0, 2, 1]);
  return [emit.op('MatMul', [gradient, emit.op('Concat', [points, rest], { axis: 1 })])];
};

export const affineGridRules: Readonly<Record<string, GradientRule>> = { AffineGrid: affineGrid };
