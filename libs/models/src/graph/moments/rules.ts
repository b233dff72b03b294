import {
  boolTensor,
  float32Tensor,
  type GraphBuilder,
  int64Vector,
  type Node,
  scalar,
  type ValueTypes,
  takesBatchStatistics,
} from '@rampart/onnx';

import { larger, type Moments, rectified } from './gaussian';

/** What a rule is given of a node whose inputs are random, in part. */
export interface MomentContext {
  readonly builder: GraphBuilder;
  readonly node: Node;
  readonly types: ValueTypes;
  /** The moments of each input; undefined where it is a constant. */
  readonly inputs: readonly (Moments | undefined)[];
}

/** Appends the moments of a node's first output; undefined where its inputs are not such as the rule is for. */
export type MomentRule = (context: MomentContext) => Moments | undefined;

/** What mean and variance become of each operator (Jin, Dundar and Culurciello 2015), elements taken as independent. */
export const MOMENT_RULES: Readonly<Record<string, MomentRule>> = {
  Conv: weighted,
  ConvTranspose: weighted,
  Gemm: weighted,
  MatMul: weighted,
  BatchNormalization: normalised,
  Relu: ({ builder, inputs: [x] }) => x && rectified(builder, x),
  MaxPool: largestOfWindow,
  AveragePool: meanOfWindow,
  GlobalAveragePool: (context) => meanOfAll(context),
  ReduceMean: (context) => meanOfAll(context),
  ReduceSum: (context) => both(context),
  Add: summed,
  Sub: summed,
  Mul: scaled,
  Div: scaled,
  Neg: (context) => onMean(context),
  Identity: both,
  Dropout: both,
  Flatten: both,
  Reshape: both,
  Transpose: both,
  Squeeze: both,
  Unsqueeze: both,
  Slice: both,
  Concat: joined,
  Pad: padded,
};

/** The same node with other inputs. */
function again({ builder, node }: MomentContext, inputs: readonly string[]): string {
  const made = builder.reserve(node.op);
  builder.append({ ...node, name: '', inputs, outputs: [made] });
  return made;
}

/** Of what only moves values, or adds them up. */
function both(context: MomentContext): Moments | undefined {
  const [x, ...others] = context.inputs;
  if (!x || others.some((input) => input)) return undefined;
  const rest = context.node.inputs.slice(1);
  return { mean: again(context, [x.mean, ...rest]), variance: again(context, [x.variance, ...rest]) };
}

function onMean(context: MomentContext): Moments | undefined {
  const [x] = context.inputs;
  return x && { mean: again(context, [x.mean, ...context.node.inputs.slice(1)]), variance: x.variance };
}

/** A sum of inputs times weights: its variance is that of the inputs times the weights' squares. */
function weighted(context: MomentContext): Moments | undefined {
  const { builder, node, inputs } = context;
  const at = inputs.findIndex((input) => input);
  const weight = node.inputs[1 - at];
  if (at > 1 || weight === undefined || inputs.filter((input) => input).length > 1) return undefined;
  const x = inputs[at]!;
  const squares = builder.node('Mul', [weight, weight]);
  const { alpha, beta: _, ...attributes } = node.attributes;
  const pair = (value: string, factors: string) => (at === 0 ? [value, factors] : [factors, value]);
  const variance = again({ ...context, node: { ...node, attributes } }, pair(x.variance, squares));
  return {
    mean: again(context, [...pair(x.mean, weight), ...node.inputs.slice(2)]),
    variance: alpha?.type === 'float' ? times(builder, variance, alpha.value ** 2) : variance,
  };
}

/** By running statistics. */
function normalised(context: MomentContext): Moments | undefined {
  const { builder, node, types, inputs } = context;
  const [x, ...others] = inputs;
  if (!x || others.some((input) => input) || takesBatchStatistics(node)) return undefined;
  const [, scale, bias, mean, variance] = node.inputs as [string, string, string, string, string];
  const epsilon = node.attributes['epsilon'];
  const deviation = builder.node('Add', [
    variance,
    builder.constant(scalar(epsilon?.type === 'float' ? epsilon.value : 1e-5)),
  ]);
  const factor = builder.node('Div', [builder.node('Mul', [scale, scale]), deviation]);
  const rank = types.values.get(node.inputs[0]!)!.dims.length;
  const shape = builder.constant(int64Vector([-1, ...Array.from({ length: rank - 2 }, () => 1)]));
  return {
    mean: again(context, [x.mean, scale, bias, mean, variance]),
    variance: builder.node('Mul', [x.variance, builder.node('Reshape', [factor, shape])]),
  };
}

function summed(context: MomentContext): Moments | undefined {
  const { builder, node, types, inputs } = context;
  const [x, y] = inputs;
  const means = node.inputs.map((name, index) => inputs[index]?.mean ?? name);
  const mean = again(context, means);
  if (x && y) return { mean, variance: builder.node('Add', [x.variance, y.variance]) };
  const one = (x ?? y)!;
  // What is added may be of more elements.
  const dims = (name: string) => types.values.get(name)!.dims;
  const [own, made] = [dims(node.inputs[x ? 0 : 1]!), dims(node.outputs[0]!)];
  const same = own.length === made.length && own.every((size, axis) => size === made[axis]);
  return {
    mean,
    variance: same ? one.variance : builder.node('Expand', [one.variance, builder.node('Shape', [mean])]),
  };
}

/** By a constant. */
function scaled(context: MomentContext): Moments | undefined {
  const { builder, node, inputs } = context;
  const [x, y] = inputs;
  if ((x && y) || (node.op === 'Div' && y)) return undefined;
  const factor = node.inputs[x ? 1 : 0]!;
  const square = builder.node('Mul', [factor, factor]);
  const means = node.inputs.map((name, index) => inputs[index]?.mean ?? name);
  return { mean: again(context, means), variance: builder.node(node.op, [(x ?? y)!.variance, square]) };
}

function joined(context: MomentContext): Moments | undefined {
  const parts = context.inputs.filter((input) => input !== undefined);
  if (parts.length < context.inputs.length) return undefined;
  const of = (what: keyof Moments) =>
    again(
      context,
      parts.map((part) => part[what]),
    );
  return { mean: of('mean'), variance: of('variance') };
}

/** With a constant. */
function padded(context: MomentContext): Moments | undefined {
  const { node, inputs } = context;
  const [x, ...others] = inputs;
  if (!x || others.some((input) => input)) return undefined;
  const [, widths, , axes] = node.inputs;
  const mode = node.attributes['mode'];
  if (mode?.type === 'string' && mode.value !== 'constant') return both(context);
  // What is put around has no variance.
  const variance = again(context, [x.variance, widths!, ...(axes === undefined ? [] : ['', axes])]);
  return { mean: again(context, [x.mean, ...node.inputs.slice(1)]), variance };
}

/** One value of a window after the other, the larger of two being Gaussian again. What lies beyond the image is left out. */
function largestOfWindow(context: MomentContext): Moments | undefined {
  const { builder, node, types, inputs } = context;
  const [x] = inputs;
  const windows = windowOf(node);
  const [sizes, made] = [node.inputs[0]!, node.outputs[0]!].map((name) => types.values.get(name)!.dims.slice(2));
  if (!x || !windows || ![...sizes!, ...made!].every((size) => typeof size === 'number')) return undefined;
  const { kernel, strides, pads, dilations } = windows;
  const counts = made!.map(Number);
  const ints = (values: readonly number[]) => builder.constant(int64Vector(values));
  // As far as the last window reaches.
  const after = counts.map((count, axis) => {
    const reach = (count - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1;
    return Math.max(0, reach - Number(sizes![axis]) - pads[axis]!);
  });
  const before = pads.slice(0, kernel.length);
  const around = (value: string) =>
    [...before, ...after].every((width) => width === 0)
      ? value
      : builder.node('Pad', [value, ints([0, 0, ...before, 0, 0, ...after])]);
  const all = { mean: around(x.mean), variance: around(x.variance) };
  const parts = offsetsIn(kernel, dilations).map((offsets) => {
    const ends = offsets.map((offset, axis) => offset + (counts[axis]! - 1) * strides[axis]! + 1);
    const limits = [ints(offsets), ints(ends), ints(kernel.map((_, axis) => axis + 2)), ints(strides)];
    const part = (value: string) => builder.node('Slice', [value, ...limits]);
    // Of each window, whether this value of it is one of the image's.
    const inside = cellsOf(counts).map((cell) =>
      cell.every((at, axis) => {
        const place = at * strides[axis]! + offsets[axis]! - before[axis]!;
        return place >= 0 && place < Number(sizes![axis]);
      }),
    );
    return { moments: { mean: part(all.mean), variance: part(all.variance) }, inside };
  });
  const choose = (flags: readonly boolean[], yes: Moments, no: Moments): Moments => {
    if (flags.every((flag) => flag)) return yes;
    const mask = builder.constant(boolTensor([1, 1, ...counts], flags));
    const of = (what: keyof Moments) => builder.node('Where', [mask, yes[what], no[what]]);
    return { mean: of('mean'), variance: of('variance') };
  };
  return parts.reduce((largest, next) => ({
    moments: choose(
      next.inside,
      choose(largest.inside, larger(builder, largest.moments, next.moments), next.moments),
      largest.moments,
    ),
    inside: largest.inside.map((one, cell) => one || next.inside[cell]!),
  })).moments;
}

function meanOfWindow(context: MomentContext): Moments | undefined {
  const { builder, node, types, inputs } = context;
  const [x] = inputs;
  const windows = windowOf(node);
  if (!x || !windows) return undefined;
  const size = windows.kernel.reduce((product, length) => product * length, 1);
  const mean = again(context, [x.mean]);
  const variance = again(context, [x.variance]);
  const include = node.attributes['count_include_pad'];
  const whole = windows.pads.every((width) => width === 0) && intOf(node, 'ceil_mode') === 0;
  if (whole || (include?.type === 'int' && include.value === 1)) {
    return { mean, variance: times(builder, variance, 1 / size) };
  }
  // At an edge a mean is of fewer values: of as many as the window has ones.
  const dims = types.values.get(node.inputs[0]!)!.dims.slice(2).map(Number);
  if (dims.some(Number.isNaN)) return undefined;
  const ones = float32Tensor(
    [1, 1, ...dims],
    new Float32Array(dims.reduce((product, length) => product * length, 1)).fill(1),
  );
  const attributes = { ...node.attributes, count_include_pad: { type: 'int' as const, value: 1 } };
  const part = again({ ...context, node: { ...node, attributes } }, [builder.constant(ones)]);
  return { mean, variance: builder.node('Div', [variance, times(builder, part, size)]) };
}

/** The mean over some axes. */
function meanOfAll(context: MomentContext): Moments | undefined {
  const { builder, node, types } = context;
  const moments = both(context);
  const count = (name: string) =>
    types.values.get(name)!.dims.reduce<number>((product, size, axis) => product * (axis === 0 ? 1 : Number(size)), 1);
  const size = count(node.inputs[0]!) / count(node.outputs[0]!);
  if (!moments || !Number.isInteger(size)) return undefined;
  return { mean: moments.mean, variance: times(builder, moments.variance, 1 / size) };
}

function times(builder: GraphBuilder, value: string, factor: number): string {
  return factor === 1 ? value : builder.node('Mul', [value, builder.constant(scalar(factor))]);
}

/** The window of a pooling; undefined where its place depends on the size of the image. */
function windowOf(node: Node) {
  const kernel = intsOf(node, 'kernel_shape');
  const auto = node.attributes['auto_pad'];
  if (!kernel || (auto?.type === 'string' && !['NOTSET', 'VALID'].includes(auto.value))) return undefined;
  const filled = (value: number, length = kernel.length) => Array.from({ length }, () => value);
  return {
    kernel,
    strides: intsOf(node, 'strides') ?? filled(1),
    pads: intsOf(node, 'pads') ?? filled(0, 2 * kernel.length),
    dilations: intsOf(node, 'dilations') ?? filled(1),
  };
}

function offsetsIn(kernel: readonly number[], dilations: readonly number[]): number[][] {
  return cellsOf(kernel).map((cell) => cell.map((at, axis) => at * dilations[axis]!));
}

/** Every index of an array of these dimensions, the last axis first. */
function cellsOf(dims: readonly number[]): number[][] {
  return dims.reduce<number[][]>(
    (cells, size) => cells.flatMap((cell) => Array.from({ length: size }, (_, at) => [...cell, at])),
    [[]],
  );
}

function intsOf({ attributes }: Node, name: string): readonly number[] | undefined {
  const found = attributes[name];
  return found?.type === 'ints' ? found.value : undefined;
}

function intOf({ attributes }: Node, name: string): number {
  const found = attributes[name];
  return found?.type === 'int' ? found.value : 0;
}
