import { intOf, intsOf } from '../../graph/attribute';
import type { ProbedDimension } from '../../graph/value-types';
import type { GradientRule, RuleContext } from '../rule';

/** The gradient in the shape of the input. */
const reshaped: GradientRule = (c) => [c.emit.reshapeLike(c.gradient, c.input(0))];

const same: GradientRule = (c) => [c.gradient];

const cast: GradientRule = (c) => [c.emit.cast(c.gradient, c.elementType(c.input(0)))];

const transpose: GradientRule = (c) => {
  const rank = c.dims(c.input(0)).length;
  const perm = intsOf(c.node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const inverse = new Array<number>(rank);
  perm.forEach((from, to) => (inverse[c.axis(from, rank)] = to));
  return [c.emit.transpose(c.gradient, inverse)];
};

const concat: GradientRule = (c) => {
  const { emit, node, gradient } = c;
  const rank = c.dims(c.output()).length;
  const axis = c.axis(intOf(node, 'axis', 0), rank);
  if (node.inputs.length === 1) return [gradient];
  const sizes = node.inputs.map((input) => c.dims(input)[axis]!);
  const lengths = sizes.every((size) => typeof size === 'number')
    ? emit.ints(sizes)
    : emit.op(
        'Concat',
        node.inputs.map((input) => emit.size(input, axis)),
        { axis: 0 },
      );
  return emit.ops('Split', [gradient, lengths], node.inputs.length, { axis });
};

const split: GradientRule = (c) => {
  const { emit, node } = c;
  const axis = c.axis(intOf(node, 'axis', 0), c.dims(c.input(0)).length);
  const parts = node.outputs.map((output, i) => c.gradientOf(i) ?? emit.zerosLike(output || c.output(i)));
  return [parts.length === 1 ? parts[0]! : emit.op('Concat', parts, { axis })];
};

const expand: GradientRule = (c) => [c.emit.unbroadcast(c.gradient, c.dims(c.output()), c.dims(c.input(0)))];

/** Each axis taken apart into repetitions and size, and summed over the repetitions. */
/** Up to this many repetitions are added up one by one. */
const FEW_COPIES = 8;

const tile: GradientRule = (c) => {
  const { emit } = c;
  const dims = c.dims(c.input(0));
  const repeats = c.numbers(1);
  const free = dims.filter((dim) => typeof dim !== 'number').length;
  if (!repeats || free > 1 || dims.includes(0)) return viaPlaces(c);
  // Axis by axis from the last one on, with all axes around it made one.
  const summed = repeats.reduceRight((gradient, count, axis) => {
    if (count === 1) return gradient;
    const [outer, inner] = [dims.slice(0, axis), dims.slice(axis)];
    const before = outer.map((dim, i) => (typeof dim === 'number' ? dim * repeats[i]! : dim));
    const copies = emit.reshape(gradient, [sizeOf(before), count, sizeOf(inner)]);
    // ReduceSum is an order of magnitude slower on short rows.
    if (count > FEW_COPIES) return emit.sum(copies, [1], false);
    return emit.op('Sum', emit.ops('Split', [copies], count, { axis: 1, num_outputs: count }));
  }, c.gradient);
  return [emit.reshapeLike(summed, c.input(0))];
};

/** The product of dimensions; -1 where one of them is free. */
function sizeOf(dims: readonly ProbedDimension[]): number {
  return dims.reduce<number>((size, dim) => (typeof dim === 'number' && size >= 0 ? size * dim : -1), 1);
}

/**
 * The gradient of an operator that moves elements, leaves some out or repeats some: the operator applied to the
 * elements' places tells where each came from.
 */
export function viaPlaces(c: RuleContext, parameters = c.node.inputs.slice(1)): (string | undefined)[] {
  const { emit, node } = c;
  const x = c.input(0);
  const moved = emit.op(node.op, [emit.places(x), ...parameters], node.attributes);
  return [emit.scatterAdd(c.gradient, moved, x)];
}

interface SlicedAxis {
  readonly axis: number;
  /** First element, count, and distance of the elements taken. */
  readonly start: number;
  readonly count: number;
  readonly step: number;
  readonly size: number;
}

const slice: GradientRule = (c) => {
  const { emit } = c;
  const sliced = slicedAxes(c);
  if (!sliced) return viaPlaces(c);
  const rank = c.dims(c.input(0)).length;
  const before = new Array<number>(rank).fill(0);
  const after = new Array<number>(rank).fill(0);
  let { gradient } = c;
  for (const { axis, start, count, step, size } of sliced) {
    if (count === size && step === 1) continue;
    if (step === 1) {
      before[axis] = start;
      after[axis] = size - start - count;
      continue;
    }
    // Every element of the axis takes the gradient of its copy, or the zero appended at the end.
    const places = new Array<number>(size).fill(count);
    for (let i = 0; i < count; i++) places[start + i * step] = i;
    const padded = emit.pad(gradient, rank, axis, 0, 1);
    gradient = emit.op('Gather', [padded, emit.ints(places)], { axis });
  }
  if ([...before, ...after].some((width) => width > 0)) {
    gradient = emit.op('Pad', [gradient, emit.ints([...before, ...after])]);
  }
  return [gradient];
};

/** What Slice takes, where that is the same at every batch size; undefined elsewhere. */
function slicedAxes(c: RuleContext): SlicedAxis[] | undefined {
  const dims = c.dims(c.input(0));
  const [starts, ends] = [c.numbers(1), c.numbers(2)];
  const axes = c.input(3) === '' ? starts?.map((_, i) => i) : c.numbers(3);
  const steps = c.input(4) === '' ? starts?.map(() => 1) : c.numbers(4);
  if (!starts || !ends || !axes || !steps) return undefined;
  const result: SlicedAxis[] = [];
  for (const [i, given] of axes.entries()) {
    const axis = c.axis(given, dims.length);
    const size = dims[axis]!;
    const step = steps[i]!;
    if (typeof size !== 'number') {
      // The whole of a free axis.
      if (step === 1 && starts[i] === 0 && ends[i]! >= 2 ** 31 - 1) continue;
      return undefined;
    }
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (value: number) => Math.min(high, Math.max(low, value < 0 ? value + size : value));
    const start =
      step > 0 ? clamp(starts[i]!) : Math.min(size - 1, Math.max(0, starts[i]! < 0 ? starts[i]! + size : starts[i]!));
    const end = clamp(ends[i]!);
    result.push({ axis, start, count: Math.max(0, Math.ceil((end - start) / step)), step, size });
  }
  return result;
}

/** Operators that change the shape and leave the elements. */
export const shapeRules: Readonly<Record<string, GradientRule>> = {
  Identity: same,
  Cast: cast,
  CastLike: cast,
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Expand: expand,
  Tile: tile,
  Slice: slice,
};
