import { float32Tensor } from '../graph/tensor';
import { BLOCK } from './costs';
import type { RuleContext } from '../gradient/rule';
import { reach, type Windows } from '../gradient/windows';

/** Up to this size, putting zeros between the elements of a row by a product pays. */
const SPREAD_UP_TO = 16;

/** Filters of one channel that are worth a convolution each. */
const MOST_FILTERS_A_CHANNEL = 4;

/**
 * Whether the gradient of a convolution's input is faster as a convolution with mirrored filters than as a transposed
 * convolution. Convolutions with constant filters use a blocked layout that transposed ones lack; they fill up blocks
 * of channels, and compute what the transposed convolution leaves out.
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
  if (strided) return false;
  // Transposed convolutions of volumes take several times as long.
  if (inputSizes.length > 2) return true;
  const volume = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const [made, moved, window] = [volume(inputSizes), volume(outputSizes), volume(kernel)];
  if (!c.isConstant(w)) return made <= 1.3 * moved && window <= 9 && channels >= BLOCK;
  const blocked = (count: number) => Math.ceil(count / BLOCK) * BLOCK;
  // Fewer channels than a block are read as they are, others four by four.
  if (filters > BLOCK && filters % 4 !== 0) return false;
  // In products of the blocked layout, as measured with ONNX Runtime 1.30: without blocks on the way in it makes two
  // thirds as many, the transposed convolution two fifths, and then adds each up in the time of 19.
  const perFilter = filters < BLOCK ? 1.5 * filters : blocked(filters);
  const mirrored = made * perFilter * blocked(channels) * window;
  const transposed = moved * channels * window * (2.5 * filters + 19);
  return mirrored < transposed;
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
  const convolved = (gradient: string, filters: string, group: number) =>
    emit.op('Conv', [strides.some((stride) => stride !== 1) ? apart(c, gradient, group, windows) : gradient, filters], {
      kernel_shape: kernel,
      dilations,
      group,
      pads: [...before, ...after],
    });
  if (groups === 1) return convolved(c.gradient, emit.transpose(turned, [1, 0, ...axes]), 1);
  // One channel in each group: the filters of the same rank in all groups make a depthwise convolution.
  const count = c.staticDims(w)[0]! / groups;
  // With constant filters, channels four by four have a blocked layout; what is missing is done twice.
  const filled = c.isConstant(w) ? Math.ceil(groups / 4) * 4 : groups;
  if (count === 1 && filled === groups) return convolved(c.gradient, turned, groups);
  const parts = Array.from({ length: count }, (_, rank) => {
    const indices = emit.ints(Array.from({ length: filled }, (__, i) => (i % groups) * count + rank));
    return convolved(
      emit.op('Gather', [c.gradient, indices], { axis: 1 }),
      emit.op('Gather', [turned, indices], { axis: 0 }),
      filled,
    );
  });
  const sum = count === 1 ? parts[0]! : emit.op('Sum', parts);
  return filled === groups ? sum : emit.op('Slice', [sum, emit.ints([0]), emit.ints([groups]), emit.ints([1])]);
}

/** Padding with which the mirrored filters give the input's size. */
function padding({ kernel, strides, dilations, before, inputSizes, outputSizes }: Windows) {
  const widest = kernel.map((size, i) => reach(size, dilations[i]!) - 1);
  const first = widest.map((width, i) => width - before[i]!);
  const after = widest.map((width, i) => inputSizes[i]! - outputSizes[i]! * strides[i]! + width - first[i]!);
  return { before: first, after };
}

/** Images whose elements are a stride apart, zeros between and behind them: a product makes both of every row. */
function apart(c: RuleContext, images: string, channels: number, { strides, outputSizes }: Windows): string {
  const { emit } = c;
  const [[height, width], [down, right]] = [outputSizes, strides] as unknown as [[number, number], [number, number]];
  const wide = width * right;
  const size = wide * down;
  const places = Array.from({ length: width * size }, (_, i) => Number(i % size === right * Math.floor(i / size)));
  const rows = emit.op('MatMul', [
    emit.reshape(images, [-1, width]),
    emit.constant(float32Tensor([width, size], places)),
  ]);
  return emit.reshape(rows, [-1, channels, height * down, wide]);
}
