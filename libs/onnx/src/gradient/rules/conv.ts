import { intOf, intsOf, stringOf } from '../../graph/attribute';
import { canInterleave, interleavedChannels } from '../../rewrite/interleaved-channels';
import { mirroredConv, mirroringIsFaster } from '../../rewrite/mirrored-conv';
import type { GradientRule, RuleContext } from '../rule';
import { reach, type Windows, windowsOf } from '../windows';

const spatialAxes = (windows: Windows) => windows.kernel.map((_, i) => i + 2);

/** X [N, C, ...], W [M, C / groups, ...]. */
const conv: GradientRule = (c) => {
  const { emit, gradient } = c;
  const [x, w] = [c.input(0), c.input(1)];
  const windows = windowsOf(c, c.staticDims(w, 2), x, c.output());
  const groups = intOf(c.node, 'group', 1);
  return [
    c.wants(0) ? inputGradient(c, w, windows, groups) : undefined,
    c.wants(1) ? filterGradient(c, x, gradient, windows, groups, c.staticDims(w)) : undefined,
    c.wants(2) ? emit.sum(gradient, [0, ...spatialAxes(windows)], false) : undefined,
  ];
};

function inputGradient(c: RuleContext, w: string, windows: Windows, groups: number): string {
  return c.may('mirrored-conv') && mirroringIsFaster(c, w, windows, groups)
    ? mirroredConv(c, w, windows, groups)
    : transposedConv(c, c.gradient, w, windows, groups);
}

/** Spreads what the windows made over what they moved over: the transpose of a convolution. */
export function transposedConv(c: RuleContext, gradient: string, w: string, windows: Windows, groups: number): string {
  const { kernel, strides, dilations, before, inputSizes, outputSizes } = windows;
  // What the windows do not reach at the end is padded, what they reach beyond the end is cut.
  const rest = inputSizes.map(
    (size, i) => size + before[i]! - (outputSizes[i]! - 1) * strides[i]! - reach(kernel[i]!, dilations[i]!),
  );
  const pads = [...before, ...rest.map((excess) => Math.max(0, -excess))];
  const attributes = { kernel_shape: kernel, strides, dilations, group: groups, pads };
  const missing = rest.map((excess) => Math.max(0, excess));
  if (missing.every((size, i) => size < Math.max(strides[i]!, dilations[i]!))) {
    return c.emit.op('ConvTranspose', [gradient, w], { ...attributes, output_padding: missing });
  }
  const spread = c.emit.op('ConvTranspose', [gradient, w], attributes);
  const zeros = new Array<number>(missing.length + 4).fill(0);
  return c.emit.op('Pad', [spread, c.emit.ints([...zeros, ...missing])]);
}

/**
 * The gradient of the filters [M, C / groups, ...]: a convolution of the transposed input with the transposed output
 * gradient, in which images take the place of channels, strides that of dilations and the other way round.
 */
function filterGradient(
  c: RuleContext,
  input: string,
  gradient: string,
  windows: Windows,
  groups: number,
  shape: readonly number[],
): string {
  const { emit } = c;
  const [, channels = 0] = shape;
  const spatial = spatialAxes(windows);
  const swapped = [1, 0, ...spatial];
  const weights = emit.transpose(gradient, swapped);
  // Exactly what the windows cover, so that the result is of the filters' size.
  const after = coveringPads(windows);
  const image = cut(c, input, { ...windows, after });
  const covered = {
    ...windows,
    after: after.map((width) => Math.max(0, width)),
    inputSizes: windows.inputSizes.map((size, i) => size + Math.min(0, after[i]!)),
  };
  if (c.may('interleaved-channels') && canInterleave(covered, channels)) {
    return interleavedChannels(emit, image, weights, covered, groups, shape);
  }
  const { strides, dilations, before, inputSizes, outputSizes } = covered;
  let images = emit.transpose(image, swapped);
  if (groups > 1) {
    // [N, G C/G, ...] to [C/G, G N, ...], and [N, G M/G, ...] to [G M/G, N, ...].
    const split = emit.reshape(image, [-1, groups, channels, ...inputSizes]);
    const folded = emit.transpose(split, [2, 1, 0, ...spatial.map((axis) => axis + 1)]);
    images = emit.reshape(folded, [channels, -1, ...inputSizes]);
  }
  const result = emit.op('Conv', [images, weights], {
    kernel_shape: outputSizes,
    strides: dilations,
    dilations: strides,
    pads: [...before, ...covered.after],
    group: groups,
  });
  return emit.transpose(result, swapped);
}

/** The padding at the end with which the windows cover everything; negative where they leave elements out. */
function coveringPads({
  kernel,
  strides,
  dilations,
  before,
  inputSizes,
  outputSizes,
}: Omit<Windows, 'after'>): number[] {
  return inputSizes.map(
    (size, i) => (outputSizes[i]! - 1) * strides[i]! + reach(kernel[i]!, dilations[i]!) - size - before[i]!,
  );
}

/** A value without the elements at the end that negative padding stands for. */
function cut(c: RuleContext, value: string, { inputSizes, after }: Windows): string {
  if (after.every((width) => width >= 0)) return value;
  const { emit } = c;
  const ends = after.map((width, i) => inputSizes[i]! + Math.min(0, width));
  const axes = ends.map((_, i) => i + 2);
  return emit.op('Slice', [value, emit.ints(ends.map(() => 0)), emit.ints(ends), emit.ints(axes)]);
}

/** X [N, C, ...], W [C, M / groups, ...]: the transpose of a convolution from M to C channels. */
const convTranspose: GradientRule = (c) => {
  const { emit, gradient, node } = c;
  const [x, w] = [c.input(0), c.input(1)];
  const kernel = c.staticDims(w, 2);
  const groups = intOf(node, 'group', 1);
  const windows = transposedWindows(c, kernel, x);
  const { strides, dilations, before, after } = windows;
  const toInput = () => {
    const whole = cut(c, gradient, windows);
    const pads = [...before, ...after.map((width) => Math.max(0, width))];
    return emit.op('Conv', [whole, w], { kernel_shape: kernel, strides, dilations, pads, group: groups });
  };
  return [
    c.wants(0) ? toInput() : undefined,
    c.wants(1) ? filterGradient(c, gradient, x, windows, groups, c.staticDims(w)) : undefined,
    c.wants(2) ? emit.sum(gradient, [0, ...spatialAxes(windows)], false) : undefined,
  ];
};

/** The windows of the convolution whose transpose it is: they move over its output. */
function transposedWindows(c: RuleContext, kernel: readonly number[], x: string): Windows {
  const { node } = c;
  const ones = kernel.map(() => 1);
  const strides = intsOf(node, 'strides') ?? ones;
  const dilations = intsOf(node, 'dilations') ?? ones;
  const inputSizes = c.staticDims(c.output(), 2);
  const outputSizes = c.staticDims(x, 2);
  const mode = stringOf(node, 'auto_pad', 'NOTSET');
  const given = intsOf(node, 'pads') ?? [];
  const automatic =
    (mode !== 'NOTSET' && mode !== '' && mode !== 'VALID') || intsOf(node, 'output_shape') !== undefined;
  const before = kernel.map((size, i) => {
    if (!automatic) return mode === 'VALID' ? 0 : (given[i] ?? 0);
    const extra = intsOf(node, 'output_padding')?.[i] ?? 0;
    const total = Math.max(
      0,
      strides[i]! * (outputSizes[i]! - 1) + extra + reach(size, dilations[i]!) - inputSizes[i]!,
    );
    return mode === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2);
  });
  const windows = { kernel, strides, dilations, before, inputSizes, outputSizes };
  return { ...windows, after: coveringPads(windows) };
}

export const convRules: Readonly<Record<string, GradientRule>> = { Conv: conv, ConvTranspose: convTranspose };
