import { intOf, intsOf } from '../../graph/attribute';
import { isLarge, isSmall } from '../../rewrite/costs';
import { doubled, unpoolPairs } from '../../rewrite/pairs';
import type { GradientRule, RuleContext } from '../rule';
import { unpoolThirds } from '../../rewrite/thirds';
import { disjoint, halves, type Windows, windowsOf } from '../windows';
import { transposedConv } from './conv';

function poolWindows(c: RuleContext): Windows {
  return windowsOf(c, intsOf(c.node, 'kernel_shape') ?? [], c.input(0), c.output());
}

/** The gradient of each window goes to the place of its first maximum. */
const maxPool: GradientRule = (c) => {
  const { emit } = c;
  const x = c.input(0);
  const windows = poolWindows(c);
  // After Relu only positive maxima pass anything on. Saying so here, where there are fewer elements, saves it there.
  const afterRelu = c.producer(x)?.op === 'Relu';
  const gradient = afterRelu ? emit.wherePositive(c.gradient, c.output(), x) : c.gradient;
  const spread = unpool(c, gradient, windows);
  if (afterRelu) c.markGated(spread);
  return [spread];
};

function unpool(c: RuleContext, gradient: string, windows: Windows): string {
  const { emit } = c;
  const x = c.input(0);
  const small = isSmall(c.dims(x));
  if (!small && c.may('pairs') && halves(c, 2, windows)) return unpoolPairs(c, gradient, windows);
  if (!small && !isLarge(c.dims(x)) && c.may('thirds') && halves(c, 3, windows))
    return unpoolThirds(c, gradient, windows);
  if (!disjoint(windows)) return emit.scatterAdd(gradient, rowMajorPlaces(c), x);
  // Windows of one element, as the places alone say where everything goes.
  const ones = c.staticDims(x, 2).map(() => 1);
  const places = rowMajorPlaces(c);
  return emit.op('MaxUnpool', [gradient, places, emit.shape(x)], { kernel_shape: ones, strides: ones });
}

/** The node's own indices, or others where it counts column by column. */
function rowMajorPlaces(c: RuleContext): string {
  if (intOf(c.node, 'storage_order', 0) === 0) return c.output(1);
  const { storage_order: _order, ...attributes } = c.node.attributes;
  return c.emit.ops('MaxPool', [c.input(0)], 2, attributes)[1]!;
}

/** Each element of a window gets its share: a transposed convolution of every channel by itself with ones. */
const averagePool: GradientRule = (c) => {
  const windows = poolWindows(c);
  if (halves(c, 2, windows)) return [doubled(c, c.emit.scale(c.gradient, 1 / 4, c.input(0)))];
  return [spread(c, c.emit.div(c.gradient, counts(c, windows)), windows)];
};

/** Up to this size of an axis, products with matrices are faster than a transposed convolution of single channels. */
const MATRIX_UP_TO = 64;

/** Up to this number of windows, one product with a matrix of all axes is faster than one an axis. */
const WHOLE_UP_TO = 64;

/** Adds to each element the values of the windows that it is in. */
function spread(c: RuleContext, value: string, windows: Windows): string {
  const { emit } = c;
  const x = c.input(0);
  const { inputSizes, outputSizes } = windows;
  if (inputSizes.every((size) => size <= MATRIX_UP_TO)) {
    const rank = inputSizes.length + 2;
    const [size, count] = [inputSizes, outputSizes].map((sizes) => sizes.reduce((product, item) => product * item, 1));
    if (rank > 3 && count! <= WHOLE_UP_TO && size! * count! <= WHOLE_UP_TO ** 2 * 4) {
      const matrix = emit.numbers([count!, size!], wholeMembership(windows), x);
      return emit.reshapeLike(emit.op('MatMul', [emit.reshape(value, [-1, count!]), matrix]), x);
    }
    return inputSizes.reduce((result, size, i) => {
      if (windows.kernel[i] === 1 && windows.strides[i] === 1 && size === outputSizes[i]) return result;
      const matrix = emit.numbers([size, outputSizes[i]!], membership(windows, i), x);
      return emit.multiplyAlong(result, matrix, i + 2, rank);
    }, value);
  }
  const ones = windows.kernel.reduce((product, size) => product * size, 1);
  const filter = emit.numbers([1, 1, ...windows.kernel], new Array<number>(ones).fill(1), x);
  const single = emit.reshape(value, [-1, 1, ...outputSizes]);
  return emit.reshapeLike(transposedConv(c, single, filter, windows, 1), x);
}

/** [input size, output size]: 1 where the element of an axis is in the window. */
function membership({ kernel, strides, dilations, before, inputSizes, outputSizes }: Windows, i: number): number[] {
  const [size, windows] = [inputSizes[i]!, outputSizes[i]!];
  const values = new Array<number>(size * windows).fill(0);
  for (let window = 0; window < windows; window++) {
    for (let k = 0; k < kernel[i]!; k++) {
      const place = window * strides[i]! - before[i]! + k * dilations[i]!;
      if (place >= 0 && place < size) values[place * windows + window] = 1;
    }
  }
  return values;
}

/** [windows, elements] of all axes together. */
function wholeMembership(windows: Windows): number[] {
  const { inputSizes, outputSizes } = windows;
  const axes = inputSizes.map((_, i) => membership(windows, i));
  const indices = (sizes: readonly number[]) =>
    sizes.reduce<number[][]>(
      (found, size) => found.flatMap((index) => Array.from({ length: size }, (_, k) => [...index, k])),
      [[]],
    );
  const places = indices(inputSizes);
  return indices(outputSizes).flatMap((window) =>
    places.map((place) => place.reduce((product, k, i) => product * axes[i]![k * outputSizes[i]! + window[i]!]!, 1)),
  );
}

/** How many elements each window averages over: [1, 1, ...]. */
function counts(c: RuleContext, windows: Windows): string {
  const includePad = intOf(c.node, 'count_include_pad', 0) === 1;
  const perAxis = windows.outputSizes.map((size, i) =>
    Array.from({ length: size }, (_, position) => inWindow(windows, i, position, includePad)),
  );
  const values = perAxis.reduce((products, axis) => products.flatMap((a) => axis.map((b) => a * b)), [1]);
  return c.emit.numbers([1, 1, ...windows.outputSizes], values, c.input(0));
}

function inWindow(
  { kernel, strides, dilations, before, after, inputSizes }: Windows,
  i: number,
  position: number,
  includePad: boolean,
): number {
  const start = position * strides[i]! - before[i]!;
  const [low, high] = includePad ? [-before[i]!, inputSizes[i]! + after[i]!] : [0, inputSizes[i]!];
  let count = 0;
  for (let k = 0; k < kernel[i]!; k++) {
    const place = start + k * dilations[i]!;
    if (place >= low && place < high) count++;
  }
  return count;
}

const globalAveragePool: GradientRule = (c) => {
  const sizes = c.staticDims(c.input(0), 2);
  const count = sizes.reduce((product, size) => product * size, 1);
  const axes = sizes.map((_, i) => i + 2);
  return [c.emit.repeatLike(c.gradient, axes, c.input(0), 1 / count)];
};

/** Equal maxima share the gradient. */
const globalMaxPool: GradientRule = (c) => {
  const { emit } = c;
  const x = c.input(0);
  const axes = c.dims(x).flatMap((_, axis) => (axis < 2 ? [] : [axis]));
  const chosen = emit.cast(emit.op('Equal', [x, c.output()]), c.elementType(x));
  return [emit.mul(chosen, emit.div(c.gradient, emit.sum(chosen, axes)))];
};

/** (sum |x|^p)^(1/p): the output's gradient times y^(1-p) |x|^(p-1) sign(x). */
function lpSlopes(c: RuleContext): { readonly outer: string; readonly inner: string } {
  const { emit } = c;
  const x = c.input(0);
  const y = c.output();
  const p = intOf(c.node, 'p', 2);
  const sign = emit.op('Sign', [x]);
  if (p === 1) return { outer: c.gradient, inner: sign };
  const power = (value: string, exponent: number) =>
    exponent === 1 ? value : emit.op('Pow', [value, emit.number(exponent, x)]);
  const safe = emit.op('Where', [emit.op('Equal', [y, emit.number(0, x)]), emit.number(1, x), y]);
  const outer = emit.div(c.gradient, power(safe, p - 1));
  return { outer, inner: p === 2 ? x : emit.mul(sign, power(emit.op('Abs', [x]), p - 1)) };
}

const lpPool: GradientRule = (c) => {
  const { outer, inner } = lpSlopes(c);
  return [c.emit.mul(spread(c, outer, poolWindows(c)), inner)];
};

const globalLpPool: GradientRule = (c) => {
  const { outer, inner } = lpSlopes(c);
  return [c.emit.mul(outer, inner)];
};

/** Adds up columns of windows to an image; so each column has the windows of the gradient. */
const col2Im: GradientRule = (c) => {
  const { emit, node } = c;
  const block = c.numbers(2);
  if (!block) throw c.refuse('the size of its blocks is computed from the data');
  const area = block.reduce((product, size) => product * size, 1);
  const sizes = c.staticDims(c.output(), 2);
  const identity = Array.from({ length: area * area }, (_, i) => Number(i % (area + 1) === 0));
  const { dilations, pads, strides } = node.attributes;
  const windows = emit.op(
    'Conv',
    [emit.reshape(c.gradient, [-1, 1, ...sizes]), emit.numbers([area, 1, ...block], identity, c.input(0))],
    { kernel_shape: block, dilations, pads, strides },
  );
  return [emit.reshapeLike(windows, c.input(0))];
};

export const poolRules: Readonly<Record<string, GradientRule>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  Col2Im: col2Im,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  GlobalLpPool: globalLpPool,
};
