import { intOf, intsOf, stringOf } from './attribute';
import type { Node } from './ir';

/** What is known of values before anything runs. */
export interface KnownValues {
  /** The numbers of a small constant, or of what is made of some. */
  numbers(name: string | undefined): readonly number[] | undefined;
  /** The dimensions that a value has at least; none where nothing is known of it. */
  dims(name: string | undefined): readonly number[];
}

type LeastShape = (node: Node, known: KnownValues) => readonly number[] | undefined;

/** The shape that an input says. */
const said =
  (at: number): LeastShape =>
  ({ inputs }, { numbers }) =>
    numbers(inputs[at]);

/** Axes that a tensor may have. */
const MOST_AXES = 64;

/** The sizes that some axes have at least, those of a value else. */
const along = (dims: readonly number[], axes: readonly number[], sizes: readonly number[]) => {
  if (axes.some((axis) => axis >= MOST_AXES)) return undefined;
  const rank = Math.max(dims.length, ...axes.map((axis) => axis + 1));
  const shape = Array.from({ length: rank }, (_, i) => dims[i] ?? 1);
  axes.forEach((axis, i) => (shape[axis < 0 ? axis + rank : axis] = sizes[i]!));
  return shape;
};

const resized: LeastShape = (node, known) => {
  const { inputs, attributes, op } = node;
  if (stringOf(node, 'keep_aspect_ratio_policy', 'stretch') === 'not_larger') return undefined;
  const dims = known.dims(inputs[0]);
  const axesOf = (values: readonly number[]) => intsOf(node, 'axes') ?? values.map((_, i) => i);
  const sizes = known.numbers(inputs[3]);
  if (sizes && sizes.length > 0) return along(dims, axesOf(sizes), sizes);
  const own = attributes['scales']?.type === 'floats' ? attributes['scales'].value : undefined;
  const scales = own ?? known.numbers(inputs[op === 'Upsample' || inputs.length === 2 ? 1 : 2]);
  if (!scales || scales.length === 0) return undefined;
  const axes = axesOf(scales);
  const rank = Math.max(dims.length, axes.length);
  const size = (axis: number) => dims[axis < 0 ? axis + rank : axis] ?? 1;
  return along(
    dims,
    axes,
    scales.map((scale, i) => Math.floor(scale * size(axes[i]!))),
  );
};

const padded: LeastShape = (node, { numbers, dims }) => {
  const pads = intsOf(node, 'pads') ?? intsOf(node, 'paddings') ?? numbers(node.inputs[1]);
  if (!pads) return undefined;
  const given = dims(node.inputs[0]);
  const count = pads.length / 2;
  const axes = numbers(node.inputs[3]) ?? Array.from({ length: count }, (_, i) => i);
  const rank = Math.max(given.length, count);
  const sizes = axes.map((axis, i) => (given[axis < 0 ? axis + rank : axis] ?? 1) + pads[i]! + pads[i + count]!);
  return along(given, axes, sizes);
};

/** What a window leaves that goes over a value and the padding around it. */
const windowed: LeastShape = (node, { dims }) => {
  const pads = intsOf(node, 'pads');
  const weights = node.op === 'Conv' ? dims(node.inputs[1]) : [];
  const kernel = intsOf(node, 'kernel_shape') ?? weights.slice(2);
  if (!pads || pads.length !== 2 * kernel.length) return undefined;
  const [strides, dilations] = [intsOf(node, 'strides'), intsOf(node, 'dilations')];
  const given = dims(node.inputs[0]).slice(2);
  const places = kernel.map((size, i) => {
    const length = (given[i] ?? 1) + pads[i]! + pads[i + kernel.length]!;
    const reach = (size - 1) * (dilations?.[i] ?? 1) + 1;
    return Math.max(1, Math.floor((length - reach) / (strides?.[i] ?? 1)) + 1);
  });
  return [weights[0] ?? 1, ...places];
};

const spread: LeastShape = (node, { dims }) => {
  const strides = intsOf(node, 'strides') ?? [];
  return (
    intsOf(node, 'output_shape') ??
    dims(node.inputs[0])
      .slice(2)
      .map((size, i) => (size - 1) * (strides[i] ?? 1) + 1)
  );
};

const counted: LeastShape = ({ inputs }, { numbers }) => {
  const [start, limit, delta] = [0, 1, 2].map((at) => numbers(inputs[at])?.[0]);
  if (start === undefined || limit === undefined || !delta) return undefined;
  return [Math.max(0, Math.ceil((limit - start) / delta))];
};

/** Operators that make a value as large as numbers in the file say: the shape that it has at least. */
export const LEAST_SHAPES: ReadonlyMap<string, LeastShape> = new Map<string, LeastShape>([
  ['ConstantOfShape', said(0)],
  ['HannWindow', said(0)],
  ['HammingWindow', said(0)],
  ['BlackmanWindow', said(0)],
  ['CenterCropPad', said(1)],
  ['Col2Im', said(1)],
  ['DFT', said(1)],
  ['MaxUnpool', said(2)],
  ['RandomNormal', (node) => intsOf(node, 'shape')],
  ['RandomUniform', (node) => intsOf(node, 'shape')],
  ['MaxRoiPool', (node) => intsOf(node, 'pooled_shape')],
  ['RoiAlign', (node) => [intOf(node, 'output_height', 1), intOf(node, 'output_width', 1)]],
  ['Multinomial', (node) => [intOf(node, 'sample_size', 1)]],
  ['AffineGrid', ({ inputs }, { numbers }) => numbers(inputs[1])?.map((size, axis) => (axis === 1 ? 2 : size))],
  [
    'OneHot',
    ({ inputs }, { numbers, dims }) => {
      const depth = numbers(inputs[1]);
      return depth && [...dims(inputs[0]), depth[0]!];
    },
  ],
  [
    'Expand',
    ({ inputs }, { numbers, dims }) => {
      const given = dims(inputs[0]);
      return numbers(inputs[1])?.map((size, i, { length }) => Math.max(size, given[i + given.length - length] ?? 1));
    },
  ],
  [
    'Tile',
    ({ inputs }, { numbers, dims }) => {
      const given = dims(inputs[0]);
      return numbers(inputs[1])?.map((times, i) => times * (given[i] ?? 1));
    },
  ],
  ['Range', counted],
  ['Pad', padded],
  ['Resize', resized],
  ['Upsample', resized],
  ['Conv', windowed],
  ['AveragePool', windowed],
  ['LpPool', windowed],
  ['MaxPool', windowed],
  ['ConvTranspose', spread],
]);
