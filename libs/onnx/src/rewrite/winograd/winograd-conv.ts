import type { GraphBuilder } from '../../graph/builder';
import type { Tensor } from '../../graph/ir';
import { float32Tensor, int64Vector } from '../../graph/tensor';
import {
  type Axis,
  axisTransforms,
  BY_FOUR,
  BY_TWO,
  type MinimalFiltering,
  TAPS,
  tilesOf,
  transformFilters,
} from './transforms';

/** A convolution of images with 3 x 3 filters in steps of one. */
export interface PlainConv {
  /** [K, C, 3, 3]: values, or the name of those that change from run to run. */
  readonly filters: ArrayLike<number> | string;
  readonly count: number;
  readonly channels: number;
  readonly rows: Axis;
  readonly columns: Axis;
}

/** Up to this many elements of an image, one product with the matrix of both axes is faster than one an axis. */
const WHOLE_UP_TO = 64;

/** Filters that grow beyond this many elements are read more slowly than their products are made. */
const MOST_WEIGHTS = 2 ** 22;

/** Multiplications that cost as much as one of a transform, in the direct convolution and in the products, measured. */
const TRANSFORM_COST = 3;
const PRODUCT_COST = 1.2;

/** Elements of a constant matrix from which on bringing it into order takes a good part of its product's time. */
const PACKED_FROM = 2 ** 18;

/**
 * Of what the direct convolution costs: more, and the form does not pay. Where filters change, the direct convolution
 * has no blocked layout, and the gradient of the filters is a convolution with kernels as large as images.
 */
const WORTH = 0.85;
const WORTH_WHERE_FILTERS_CHANGE = 2;

/**
 * The form in which a convolution is fastest; undefined where it is so as it is.
 * @param weightsChange whether the filters are known when the graph runs, not before
 */
export function fastestForm(
  conv: Omit<PlainConv, 'filters'>,
  { weightsChange }: { readonly weightsChange: boolean },
): MinimalFiltering | undefined {
  const { channels, count, rows, columns } = conv;
  const filtering = channels * count * productsOf(BY_FOUR) <= MOST_WEIGHTS ? BY_FOUR : BY_TWO;
  const direct = TAPS ** 2 * rows.to * columns.to * channels * count;
  const products = productsOf(filtering) * tilesOf(filtering, rows) * tilesOf(filtering, columns) * channels * count;
  const transforms = transformSize(filtering, conv) * channels + outputSize(filtering, conv) * count;
  const most = (weightsChange ? WORTH_WHERE_FILTERS_CHANGE : WORTH) * direct;
  return PRODUCT_COST * products + TRANSFORM_COST * transforms < most ? filtering : undefined;
}

const productsOf = ({ tile }: MinimalFiltering) => (tile + TAPS - 1) ** 2;

type Axes = Pick<PlainConv, 'rows' | 'columns'>;

const isWhole = ({ rows, columns }: Axes) =>
  rows.from * columns.from <= WHOLE_UP_TO && rows.to * columns.to <= WHOLE_UP_TO;

/** Multiplications of an image's input transform, a channel. */
function transformSize(filtering: MinimalFiltering, axes: Axes): number {
  const { rows, columns } = axes;
  const [tall, wide] = lengths(filtering, axes);
  if (isWhole(axes)) return tall * wide * rows.from * columns.from;
  return tall * rows.from * columns.from + tall * wide * columns.from;
}

/** Multiplications of its output transform. */
function outputSize(filtering: MinimalFiltering, axes: Axes): number {
  const { rows, columns } = axes;
  const [tall, wide] = lengths(filtering, axes);
  if (isWhole(axes)) return tall * wide * rows.to * columns.to;
  return tall * wide * columns.to + tall * columns.to * rows.to;
}

/** Products along each axis. */
function lengths(filtering: MinimalFiltering, { rows, columns }: Axes): [number, number] {
  const each = filtering.tile + TAPS - 1;
  return [each * tilesOf(filtering, rows), each * tilesOf(filtering, columns)];
}

/**
 * Appends a convolution as products of matrices, from a value [H, W, N, C] to one [H', W', N, K]. In this layout the
 * transforms are products with matrices from the left, the filters one a product from the right, and nothing is moved
 * in between (for larger images whole rows of tiles are).
 */
export function winogradConv(builder: GraphBuilder, x: string, conv: PlainConv, filtering: MinimalFiltering): string {
  const { filters, count, channels, rows, columns } = conv;
  const transforms = isWhole(conv) ? whole(builder, conv, filtering) : byAxis(builder, conv, filtering);
  const transformed = reshape(builder, transforms.input(x), [productsOf(filtering), -1, channels]);
  const multiplied =
    typeof filters === 'string'
      ? builder.node('MatMul', [transformed, filterProducts(builder, filters, conv, filtering)])
      : multiply(builder, transformed, filterTensor(filters, conv, filtering));
  return reshape(builder, transforms.output(multiplied), [rows.to, columns.to, -1, count]);
}

/** Filters [K, C, 3, 3] as products [products, C, K]. */
function filterTensor(filters: ArrayLike<number>, { channels, count }: PlainConv, filtering: MinimalFiltering): Tensor {
  const products = transformFilters(filtering, filters, [count, channels]);
  return float32Tensor([productsOf(filtering), channels, count], products);
}

/**
 * The same by operators. What they bring into another order is an operand of a product, which reads it in any order, and
 * so it is in their gradient.
 */
function filterProducts(
  builder: GraphBuilder,
  filters: string,
  { channels, count }: PlainConv,
  { filter }: MinimalFiltering,
): string {
  const both = filter.flatMap((down) => filter.map((across) => down.flatMap((a) => across.map((b) => a * b))));
  const taps = reshape(builder, filters, [-1, TAPS ** 2]);
  const products = builder.node('Gemm', [matrix(builder, both), taps], { transB: 1 });
  return builder.node('Transpose', [reshape(builder, products, [-1, count, channels])], { perm: [0, 2, 1] });
}

/**
 * The product of each matrix of a stack with its own constant one. Large constants are worth an operator each: ONNX
 * Runtime keeps a single constant matrix in the order in which products read it, but brings a stack of them into that
 * order in every run.
 */
function multiply(builder: GraphBuilder, stack: string, { dims, data }: Tensor): string {
  const [count, rows, columns] = dims as [number, number, number];
  if (rows * columns < PACKED_FROM)
    return builder.node('MatMul', [stack, builder.constant(float32Tensor(dims, data as Float32Array))]);
  const parts = builder.node('Split', [stack], { axis: 0, num_outputs: count }, { outputs: count });
  const size = rows * columns;
  const results = parts.map((part, i) => {
    const own = float32Tensor([rows, columns], (data as Float32Array).subarray(i * size, (i + 1) * size));
    return builder.node('MatMul', [part, builder.constant(own)]);
  });
  return builder.node('Concat', results, { axis: 0 });
}

interface Transforms {
  /** From [H, W, N, C] to products first, tiles next. */
  input(x: string): string;
  /** From that to [H', W', ...]. */
  output(products: string): string;
}

/** One matrix of both axes. */
function whole(builder: GraphBuilder, { rows, columns }: Axes, filtering: MinimalFiltering): Transforms {
  const [down, across] = [axisTransforms(filtering, rows), axisTransforms(filtering, columns)];
  const each = filtering.tile + TAPS - 1;
  const input = interleaved(down.input, across.input, each);
  const output = transposed(interleaved(transposed(down.output), transposed(across.output), each));
  return {
    input: (x) => builder.node('MatMul', [matrix(builder, input), reshape(builder, x, [rows.from * columns.from, -1])]),
    output: (y) => builder.node('MatMul', [matrix(builder, output), reshape(builder, y, [input.length, -1])]),
  };
}

/** The product of two matrices for the elements of an image: rows [p, q, t, u] of [p, t] and [q, u]. */
function interleaved(down: readonly (readonly number[])[], across: readonly (readonly number[])[], products: number) {
  const [tall, wide] = [down.length / products, across.length / products];
  const result: number[][] = [];
  for (let p = 0; p < products; p++) {
    for (let q = 0; q < products; q++) {
      for (let t = 0; t < tall; t++) {
        for (let u = 0; u < wide; u++) {
          const [a, b] = [down[p * tall + t]!, across[q * wide + u]!];
          result.push(a.flatMap((left) => b.map((right) => left * right)));
        }
      }
    }
  }
  return result;
}

const transposed = (rows: readonly (readonly number[])[]): number[][] =>
  rows[0]!.map((_, column) => rows.map((row) => row[column]!));

/** Rows, then columns, with the tiles of each brought behind the products in between. */
function byAxis(builder: GraphBuilder, axes: Axes, filtering: MinimalFiltering): Transforms {
  const { rows, columns } = axes;
  const [down, across] = [axisTransforms(filtering, rows), axisTransforms(filtering, columns)];
  const each = filtering.tile + TAPS - 1;
  const [tall, wide] = [tilesOf(filtering, rows), tilesOf(filtering, columns)];
  const swap = (value: string) => builder.node('Transpose', [value], { perm: [0, 2, 1, 3, 4] });
  return {
    input(x) {
      const lines = builder.node('MatMul', [matrix(builder, down.input), reshape(builder, x, [rows.from, -1])]);
      const split = reshape(builder, lines, [each * tall, columns.from, -1]);
      const both = builder.node('MatMul', [matrix(builder, across.input), split]);
      return swap(reshape(builder, both, [each, tall, each, wide, -1]));
    },
    output(y) {
      const tiled = swap(reshape(builder, y, [each, each, tall, wide, -1]));
      const split = reshape(builder, tiled, [each * tall, each * wide, -1]);
      const lines = builder.node('MatMul', [matrix(builder, across.output), split]);
      return builder.node('MatMul', [matrix(builder, down.output), reshape(builder, lines, [each * tall, -1])]);
    },
  };
}

function matrix(builder: GraphBuilder, rows: readonly (readonly number[])[]): string {
  return builder.constant(float32Tensor([rows.length, rows[0]!.length], rows.flat()), 'winograd transform');
}

function reshape(builder: GraphBuilder, value: string, dims: readonly number[]): string {
  return builder.node('Reshape', [value, builder.constant(int64Vector(dims))]);
}
