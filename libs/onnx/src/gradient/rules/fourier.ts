import { intOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';

/**
 * The transform is linear, so its gradient is its adjoint: the transform back, times its length where the forward one is
 * not scaled. Frequencies that are left out have no gradient; those that real values have twice count twice.
 */
const dft: GradientRule = (c) => {
  const { emit, node } = c;
  const x = c.input(0);
  const dims = c.dims(x);
  const given = c.input(2) === '' ? [intOf(node, 'axis', -2)] : c.numbers(2);
  if (!given) throw c.refuse('its axis is computed from the data');
  const axis = c.axis(given[0]!, dims.length);
  const inverse = intOf(node, 'inverse', 0) === 1;
  const onesided = intOf(node, 'onesided', 0) === 1;
  const size = dims[axis];
  const asked = c.input(1) === '' ? undefined : c.numbers(1)?.[0];
  if (typeof size !== 'number' || (c.input(1) !== '' && asked === undefined)) {
    throw c.refuse('its length depends on the data');
  }
  if (inverse && onesided) return [toHalf(c, axis, size, asked ?? 2 * (size - 1))];
  const length = asked ?? size;
  // A shorter signal is filled up with zeros.
  const back = transform(c, c.gradient, axis, length, { inverse: !inverse });
  const scaled = emit.scale(back, inverse ? 1 / length : length, x);
  const component = dims.at(-1) === 1 ? part(c, scaled, dims.length - 1, 0, 1) : scaled;
  return [fitted(c, component, axis, length, size)];
};

/** Real values from the half of their frequencies: all others but the first and that of the middle stand for two. */
function toHalf(c: RuleContext, axis: number, size: number, length: number): string {
  const { emit } = c;
  const x = c.input(0);
  const half = Math.floor(length / 2) + 1;
  const real = c.dims(c.output()).at(-1) === 1 ? c.gradient : part(c, c.gradient, c.dims(x).length - 1, 0, 1);
  const forward = transform(c, real, axis, length, { onesided: true });
  const shape = c.dims(x).map((_, i) => (i === axis ? half : 1));
  const counts = Array.from({ length: half }, (_, i) => (i === 0 || 2 * i === length ? 1 : 2) / length);
  return fitted(c, emit.mul(forward, emit.numbers(shape, counts, x)), axis, half, size);
}

function transform(
  c: RuleContext,
  value: string,
  axis: number,
  length: number,
  { inverse = false, onesided = false }: { readonly inverse?: boolean; readonly onesided?: boolean },
): string {
  const { emit } = c;
  const count = emit.squeeze(emit.ints([length]), [0]);
  return emit.op('DFT', [value, count, emit.squeeze(emit.ints([axis]), [0])], { inverse, onesided });
}

function part(c: RuleContext, value: string, axis: number, start: number, end: number): string {
  const { emit } = c;
  return emit.op('Slice', [value, emit.ints([start]), emit.ints([end]), emit.ints([axis])]);
}

/** An axis cut, or filled up with zeros, to a size. */
function fitted(c: RuleContext, value: string, axis: number, from: number, to: number): string {
  const { emit } = c;
  if (from === to) return value;
  if (from > to) return part(c, value, axis, 0, to);
  return emit.pad(value, c.dims(c.input(0)).length, axis, 0, to - from);
}

/**
 * Short transforms of a signal [N, length, 1 or 2], each of a window of it: a convolution in steps, whose filters are
 * what the operator makes of the identity, once, when the graph is loaded. Its gradient is the transposed convolution.
 */
const stft: GradientRule = (c) => {
  const { emit, node } = c;
  const [x, step, window] = [c.input(0), c.input(1), c.input(2)];
  const [length, parts] = c.staticDims(x, 1) as [number, number];
  if (parts === 2 && window !== '') throw c.refuse('ONNX Runtime reads beyond the window of complex signals');
  const stride = c.numbers(1)?.[0];
  const size = c.input(3) === '' ? c.dims(window)[0] : c.numbers(3)?.[0];
  if (stride === undefined || typeof size !== 'number')
    throw c.refuse('its step or frame length is computed from the data');
  const [frames, bins] = c.staticDims(c.output(), 1) as [number, number];
  const rows = parts * size;
  const identity = Array.from({ length: rows * rows }, (_, i) => Number(i % (rows + 1) === 0));
  // Row (part, place): a signal of one frame that is 1 there and 0 elsewhere.
  const signals = emit.transpose(emit.numbers([rows, parts, size], identity, x), [0, 2, 1]);
  /** What each of them becomes: [parts * size, 2 * bins]. */
  const filters = (by: string) => {
    const transformed = emit.op('STFT', [signals, step, by, ...node.inputs.slice(3)], node.attributes);
    return emit.reshape(transformed, [rows, 2 * bins]);
  };
  const gradient = emit.reshape(c.gradient, [-1, frames, 2 * bins]);
  const toSignal = () => {
    const kernel = emit.reshape(emit.transpose(filters(window), [1, 0]), [2 * bins, parts, size]);
    const signal = emit.op('ConvTranspose', [emit.transpose(gradient, [0, 2, 1]), kernel], { strides: [stride] });
    return emit.transpose(fitted(c, signal, 2, (frames - 1) * stride + size, length), [0, 2, 1]);
  };
  const toWindow = () => {
    const places = Array.from({ length: frames * size }, (_, i) => Math.floor(i / size) * stride + (i % size));
    const read = emit.reshape(emit.op('Gather', [x, emit.ints(places)], { axis: 1 }), [-1, frames, size]);
    const ones = emit.numbers([size], new Array<number>(size).fill(1), x);
    const toFrames = emit.op('MatMul', [gradient, emit.transpose(filters(ones), [1, 0])]);
    return emit.sum(emit.mul(read, toFrames), [0, 1], false);
  };
  return [c.wants(0) ? toSignal() : undefined, undefined, c.wants(2) ? toWindow() : undefined];
};

export const fourierRules: Readonly<Record<string, GradientRule>> = { DFT: dft, STFT: stft };
