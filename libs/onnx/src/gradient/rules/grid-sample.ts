import { intOf, stringOf } from '../../graph/attribute';
import { scalar } from '../../graph/tensor';
import type { GradientRule, RuleContext } from '../rule';

/** The neighbours that samples are made of along one axis: [N, taps, P] each, for P points of an image. */
interface Neighbours {
  readonly taps: number;
  /** Where a neighbour stands within the axis: int64. */
  readonly index: string;
  readonly weight: string;
  /** The weight's slope by the grid's coordinate. */
  readonly slope: string;
}

/**
 * Reads images [N, C, ...sizes] at the points of a grid [N, ...points, axes]. A sample is a sum of neighbours, each
 * times a product of weights, one an axis: the images' gradient is scattered with these weights, and that of the grid
 * is made of the neighbours and the slopes of the weights (Jaderberg et al. 2015, equations 6 and 7).
 */
const gridSample: GradientRule = (c) => {
  const { emit } = c;
  const [x, grid] = [c.input(0), c.input(1)];
  const [channels, ...sizes] = c.staticDims(x, 1) as [number, ...number[]];
  const rank = sizes.length;
  const elements = sizes.reduce((product, size) => product * size, 1);
  const points = emit.op('Reshape', [grid, emit.ints([0, -1, rank])]);
  const axes = sizes.map((size, axis) => neighbours(c, positionOf(c, points, axis, size), size));
  const combined = (values: readonly string[], op: 'Add' | 'Mul') => {
    const spread = values.map((value, axis) => emit.unsqueeze(value, othersOf(axis, rank)));
    const all = spread.reduce((a, b) => emit.op(op, [a, b]));
    const taps = axes.reduce((product, axis) => product * axis.taps, 1);
    const shape = emit.op('Concat', [emit.ints([0, taps]), emit.op('Shape', [points], { start: 1, end: 2 })], {
      axis: 0,
    });
    return emit.op('Reshape', [all, shape]);
  };
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1));
  const places = combined(
    axes.map(({ index }, axis) => emit.mul(index, long(c, strides[axis]!))),
    'Add',
  );
  const first = emit.op('Range', [long(c, 0), emit.op('Mul', [count(c, x), long(c, elements)]), long(c, elements)]);
  /** Rows of the images' pixels, one a neighbour: [N, neighbours, P]. */
  const rows = emit.add(places, emit.unsqueeze(first, [1, 2]));
  const perPoint = emit.transpose(emit.op('Reshape', [c.gradient, emit.ints([0, channels, -1])]), [0, 2, 1]);
  /** [N, 1, P, C] */
  const gradient = emit.unsqueeze(perPoint, [1]);
  const weights = axes.map(({ weight }) => weight);

  const toImages = () => {
    const updates = emit.mul(gradient, emit.unsqueeze(combined(weights, 'Mul'), [3]));
    const zeros = emit.reshape(emit.zerosLike(x), [-1, channels]);
    const sums = emit.op('ScatterND', [zeros, emit.unsqueeze(rows, [3]), updates], { reduction: 'add' });
    return emit.reshapeLike(emit.transpose(emit.reshape(sums, [-1, elements, channels]), [0, 2, 1]), x);
  };
  const toGrid = () => {
    const pixels = emit.transpose(emit.reshape(x, [-1, channels, elements]), [0, 2, 1]);
    const read = emit.op('Gather', [emit.reshape(pixels, [-1, channels]), rows], { axis: 0 });
    const influence = emit.sum(emit.mul(read, gradient), [3], false);
    const coordinates = axes.map(({ slope }, axis) => {
      const slopes = combined(weights.with(axis, slope), 'Mul');
      return emit.sum(emit.mul(influence, slopes), [1], false);
    });
    const last = coordinates.toReversed().map((value) => emit.unsqueeze(value, [2]));
    return emit.reshapeLike(emit.op('Concat', last, { axis: 2 }), grid);
  };
  return [c.wants(0) ? toImages() : undefined, c.wants(1) ? toGrid() : undefined];
};

/** The axes, after that of the images, which the neighbours of one axis do not have. */
function othersOf(axis: number, rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => i + 1).filter((place) => place !== axis + 1);
}

/** How many pixels there are to a unit of the grid, and where the first and the last pixel end. */
function extent(c: RuleContext, size: number) {
  return intOf(c.node, 'align_corners', 0) === 1
    ? { factor: (size - 1) / 2, low: 0, high: size - 1 }
    : { factor: size / 2, low: -0.5, high: size - 0.5 };
}

/** Where the points lie along an axis, counted in pixels: [N, 1, P]. */
function positionOf(c: RuleContext, points: string, axis: number, size: number): string {
  const { emit } = c;
  const x = c.input(0);
  // The grid names the last axis first.
  const column = long(c, c.dims(x).length - 3 - axis);
  const coordinate = emit.unsqueeze(emit.op('Gather', [points, column], { axis: 2 }), [1]);
  const position = emit.add(emit.scale(coordinate, extent(c, size).factor, x), emit.number((size - 1) / 2, x));
  return stringOf(c.node, 'mode', 'linear') === 'nearest' ? emit.op('Round', [position]) : position;
}

function neighbours(c: RuleContext, at: string, size: number): Neighbours {
  const { emit, node } = c;
  const x = c.input(0);
  const mode = stringOf(node, 'mode', 'linear');
  const padding = stringOf(node, 'padding_mode', 'zeros');
  const number = (value: number) => emit.number(value, x);
  const { factor, low, high } = extent(c, size);
  let position = at;
  let inner = number(factor);
  // Of cubic samples the neighbours alone are taken from within.
  if (padding === 'border' && mode !== 'cubic') {
    const kept = emit.op('Clip', [position, number(0), number(size - 1)]);
    inner = emit.mul(inner, emit.cast(emit.op('Equal', [kept, position]), c.elementType(x)));
    position = kept;
  } else if (padding === 'reflection' && mode !== 'cubic') {
    const there = reflected(c, position, low, high);
    inner = emit.mul(inner, there.slope);
    position = there.value;
  }
  const base = mode === 'nearest' ? position : emit.op('Floor', [position]);
  const { offsets, weights, slopes } = kernel(c, mode, emit.sub(position, base));
  const raw = emit.add(base, emit.numbers([1, offsets.length, 1], offsets, x));
  const bounded = padding === 'reflection' ? emit.op('Round', [reflected(c, raw, low, high).value]) : raw;
  const place = emit.op('Clip', [bounded, number(0), number(size - 1)]);
  // What lies outside counts as 0.
  const inside = padding === 'zeros' ? emit.cast(emit.op('Equal', [place, raw]), c.elementType(x)) : undefined;
  const counted = (value: string) => (inside ? emit.mul(value, inside) : value);
  return {
    taps: offsets.length,
    index: emit.cast(place, 'int64'),
    weight: counted(weights),
    slope: counted(emit.mul(slopes, inner)),
  };
}

/** Thrown back at both ends of a range, as often as it takes. */
function reflected(c: RuleContext, position: string, low: number, high: number): { value: string; slope: string } {
  const { emit } = c;
  const number = (value: number) => emit.number(value, c.input(0));
  if (high === low) return { value: emit.scale(position, 0, c.input(0)), slope: number(0) };
  const ranges = emit.div(emit.sub(position, number(low)), number(high - low));
  const turns = emit.op('Floor', [emit.div(ranges, number(2))]);
  const left = emit.sub(emit.sub(ranges, emit.add(turns, turns)), number(1));
  const value = emit.sub(number(high), emit.mul(emit.op('Abs', [left]), number(high - low)));
  return { value, slope: emit.neg(emit.op('Sign', [left])) };
}

/** Weights of the neighbours and their slopes, at a distance t from the one before: [N, taps, P]. */
function kernel(c: RuleContext, mode: string, t: string) {
  const { emit } = c;
  const x = c.input(0);
  const joined = (parts: readonly string[]) => emit.op('Concat', parts, { axis: 1 });
  const polynomial = (distance: string, ...coefficients: number[]) =>
    coefficients
      .map((coefficient) => emit.number(coefficient, x))
      .reduce((value, coefficient) => emit.add(emit.mul(value, distance), coefficient));
  if (mode === 'nearest') {
    const zero = emit.scale(t, 0, x);
    return { offsets: [0], weights: emit.add(zero, emit.number(1, x)), slopes: zero };
  }
  if (mode === 'linear') {
    const weights = joined([emit.sub(emit.number(1, x), t), t]);
    return { offsets: [0, 1], weights, slopes: emit.numbers([1, 2, 1], [-1, 1], x) };
  }
  if (mode !== 'cubic') throw c.refuse(`its mode is ${mode}`);
  // Keys (1981) with a = -0.75.
  const a = -0.75;
  const near = (d: string) => polynomial(d, a + 2, -(a + 3), 0, 1);
  const far = (d: string) => polynomial(d, a, -5 * a, 8 * a, -4 * a);
  const nearSlope = (d: string) => polynomial(d, 3 * (a + 2), -2 * (a + 3), 0);
  const farSlope = (d: string) => polynomial(d, 3 * a, -10 * a, 8 * a);
  const one = emit.number(1, x);
  const [before, after, last] = [emit.add(t, one), emit.sub(one, t), emit.sub(emit.number(2, x), t)];
  return {
    offsets: [-1, 0, 1, 2],
    weights: joined([far(before), near(t), near(after), far(last)]),
    slopes: joined([farSlope(before), nearSlope(t), emit.neg(nearSlope(after)), emit.neg(farSlope(last))]),
  };
}

function count(c: RuleContext, of: string): string {
  return c.emit.squeeze(c.emit.op('Shape', [of], { end: 1 }), [0]);
}

function long(c: RuleContext, value: number): string {
  return c.emit.constant(scalar(value, 'int64'));
}

export const gridSampleRules: Readonly<Record<string, GradientRule>> = { GridSample: gridSample };
