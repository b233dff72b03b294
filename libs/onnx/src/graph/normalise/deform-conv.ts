import { intOf, intsOf } from '../attribute';
import type { GraphBuilder } from '../builder';
import { float32Tensor, int64Vector, scalar } from '../tensor';
import { like } from './like';
import { always, type Upgrades } from './upgrade';

/**
 * A convolution whose filters read between pixels (Dai et al. 2017; with weights of the samples, Zhu et al. 2019):
 * GridSample at the places that each filter element reads, and the product with the filters.
 */
export const deformConvUpgrades: Upgrades = {
  DeformConv: always((node, context) => {
    const { builder } = context;
    const [x = '', weight = '', offset = '', bias = '', mask = ''] = node.inputs;
    const kernel = intsOf(node, 'kernel_shape') ?? context.constant(weight)?.dims.slice(2);
    if (kernel?.length !== 2) {
      builder.append(node);
      return;
    }
    const [height, width] = kernel as [number, number];
    const group = intOf(node, 'group', 1);
    const offsetGroup = intOf(node, 'offset_group', 1);
    const taps = height * width;
    const ints = (...values: number[]) => builder.constant(int64Vector(values), 'shape');
    const joined = (...parts: string[]) => builder.node('Concat', parts, { axis: 0 });
    const reshape = (value: string, shape: string) => builder.node('Reshape', [value, shape]);
    const size = (of: string, axis: number) => builder.node('Shape', [of], { start: axis, end: axis + 1 });
    const times = (value: string, factor: number) => builder.node('Mul', [value, ints(factor)]);
    const parts = (value: string, count: number) => (count === 1 ? value : builder.node('Div', [value, ints(count)]));
    const outputs = size(weight, 0);
    const rows = size(offset, 2);
    const columns = size(offset, 3);
    const places = builder.node('Mul', [rows, columns]);

    const offsets = reshape(offset, joined(ints(-1, taps, 2), rows, columns));
    const strides = intsOf(node, 'strides') ?? [1, 1];
    const dilations = intsOf(node, 'dilations') ?? [1, 1];
    const pads = intsOf(node, 'pads') ?? [0, 0, 0, 0];
    /** What GridSample calls the places along an axis: -1 and 1 are the outer edges of the first and the last pixel. */
    const coordinate = (axis: 0 | 1) => {
      const moved = builder.node('Gather', [offsets, builder.constant(scalar(axis, 'int64'))], { axis: 2 });
      const taken = Array.from({ length: taps }, (_, tap) => (axis === 0 ? Math.floor(tap / width) : tap % width));
      const first = taken.map((index) => index * dilations[axis]! - pads[axis]!);
      const own = like(builder, float32Tensor([taps, 1, 1], first), offset);
      const steps = range(builder, axis === 0 ? rows : columns, strides[axis]!, axis === 0 ? [1] : []);
      const position = builder.node('Add', [
        builder.node('Add', [moved, own]),
        builder.node('CastLike', [steps, offset]),
      ]);
      const twice = builder.node('Mul', [position, like(builder, scalar(2), offset)]);
      const one = like(builder, scalar(1), offset);
      const length = builder.node('CastLike', [size(x, axis + 2), offset]);
      const relative = builder.node('Sub', [builder.node('Div', [builder.node('Add', [twice, one]), length]), one]);
      return builder.node('Unsqueeze', [relative, ints(-1)]);
    };
    const grid = builder.node('Concat', [coordinate(1), coordinate(0)], { axis: -1 });
    const images =
      offsetGroup === 1 ? x : reshape(x, joined(ints(-1), parts(size(x, 1), offsetGroup), size(x, 2), size(x, 3)));
    const sampled = builder.node('GridSample', [images, reshape(grid, joined(ints(0, -1), columns, ints(2)))], {
      mode: 'linear',
    });
    const samples = reshape(sampled, joined(ints(0, 0, taps), places));
    const weighted = mask ? builder.node('Mul', [samples, reshape(mask, joined(ints(-1, 1, taps), places))]) : samples;
    const inner = times(size(weight, 1), taps);
    const product = builder.node('MatMul', [
      reshape(weight, joined(ints(group), parts(outputs, group), inner)),
      reshape(weighted, joined(ints(-1, group), inner, places)),
    ]);
    const shape = joined(ints(-1), outputs, rows, columns);
    if (!bias) builder.node('Reshape', [product, shape], {}, { outputs: node.outputs });
    else
      builder.node('Add', [reshape(product, shape), reshape(bias, ints(1, -1, 1, 1))], {}, { outputs: node.outputs });
  }),
};

/** 0, step, 2 step ..., as many as a vector of one element says, with axes of size 1 behind. */
function range(builder: GraphBuilder, count: string, step: number, axes: readonly number[]): string {
  const long = (value: number) => builder.constant(scalar(value, 'int64'));
  const limit = builder.node('Squeeze', [builder.node('Mul', [count, builder.constant(int64Vector([step]), 'step')])]);
  const steps = builder.node('Range', [long(0), limit, long(step)]);
  return axes.length === 0 ? steps : builder.node('Unsqueeze', [steps, builder.constant(int64Vector(axes), 'axes')]);
}
