import { float32Tensor } from '../graph/tensor';
import type { RuleContext } from './rule';
import { reach, type Windows } from './windows';

/** Up to this size, putting zeros between the elements of a row by a product pays. */
const SPREAD_UP_TO = 16;

/** Filters of one channel that are worth a convolution each. */
const MOST_FILTERS_A_CHANNEL = 4;

/**
 * Whether the gradient of a convolution's input is faster as a convolution with mirrored filters than as a transposed
 * convolution. Measured with ONNX Runtime 1.30 on one x86-64 core: convolutions with constant filters and channels in
 * eights use a blocked layout that transposed ones lack, up to three times as fast for 3x3 windows and ten times for
 * depthwise ones. Where the input is much larger than the output, or has few channels, the padding costs more.
 */
export function mirroringIsFaster(c: RuleContext, w: string, windows: Windows, groups: number): boolean {
  const { kernel, strides, inputSizes, outputSizes } = windows;
  if ([...padding(windows).before, ...padding(windows).after].some((width) => width < 0)) return false;
  const [filters = 0, channels = 0] = c.staticDims(w);
  const strided = strides.some((stride) => stride !== 1);
  if (groups > 1) {
    const small = outputSizes.length === 2 && outputSizes[1]! <= SPREAD_UP_TO && c.elementType(w) === 'float32';
    return channels === 1 && filters <= MOST_FILTERS_A_CHANNEL * groups && (!strided || small);
  }
  const volume = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  if (strided || volume(inputSizes) > 1.3 * volume(outputSizes) || channels < 8) return false;
  return c.isConstant(w) ? filters % 8 === 0 : volume(kernel) <= 9 && channels >= 16;
}

/** Convolves the output's gradient with the filters seen from the other side. */
export function mirroredConv(c: RuleContext, w: string, windows: Windows, groups: number): string {
  const { emit } = c;
  const { kernel, dilations, strides } = windows;
  const axes = kernel.map((_, i) => i + 2);
  const all = (value: number) => emit.ints(kernel.map(() => value));
  const turned = kernel.every((size) => size === 1)
    ? w
    : emit.op('Slice', [w, all(-1), all(-(2 ** 62)), emit.ints(axes), all(-1)]);
  const { before, after } = padding(windows);
  const attributes = { kernel_shape: kernel, dilations, group: groups, pads: [...before, ...after] };
  const convolved = (gradient: string, filters: string) =>
    emit.op(
      'Conv',
      [strides.some((stride) => stride !== 1) ? apart(c, gradient, groups, windows) : gradient, filters],
      attributes,
    );
  if (groups === 1) return convolved(c.gradient, emit.transpose(turned, [1, 0, ...axes]));
  // One channel in each group: the filters of the same rank in all groups make a depthwise convolution.
  const count = c.staticDims(w)[0]! / groups;
  if (count === 1) return convolved(c.gradient, turned);
  const parts = Array.from({ length: count }, (_, rank) => {
    const indices = emit.ints(Array.from({ length: groups }, (__, group) => group * count + rank));
    return convolved(
      emit.op('Gather', [c.gradient, indices], { axis: 1 }),
      emit.op('Gather', [turned, indices], { axis: 0 }),
    );
  });
  return emit.op('Sum', parts);
}

/** Padding with which the mirrored filters give the input's size. */
function padding({ kernel, strides, dilations, before, inputSizes, outputSizes }: Windows) {
  const widest = kernel.map((size, i) => reach(size, dilations[i]!) - 1);
  const first = widest.map((width, i) => width - before[i]!);
  const after = widest.map((width, i) => inputSizes[i]! - outputSizes[i]! * strides[i]! + width - first[i]!);
  return { before: first, after };
}

/** Images whose elements are a stride apart, zeros between and behind them: columns by a product, rows by padding. */
function apart(c: RuleContext, images: string, channels: number, { strides, outputSizes }: Windows): string {
  const { emit } = c;
  const [[height, width], [down, right]] = [outputSizes, strides] as unknown as [[number, number], [number, number]];
  const wide = width * right;
  const places = Array.from({ length: width * wide }, (_, i) => Number(i % wide === right * Math.floor(i / wide)));
  const rows = emit.op('MatMul', [
    emit.reshape(images, [-1, width]),
    emit.constant(float32Tensor([width, wide], places)),
  ]);
  const padded = emit.op('Pad', [emit.reshape(rows, [-1, 1, wide]), emit.ints([0, 0, 0, 0, down - 1, 0])]);
  return emit.reshape(padded, [-1, channels, height * down, wide]);
}
