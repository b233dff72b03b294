import { intsOf, stringOf } from '../graph/attribute';
import type { RuleContext } from './rule';

/** How windows move over the spatial axes. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Sizes of the spatial axes of what the windows move over, and of what they make. */
  readonly inputSizes: readonly number[];
  readonly outputSizes: readonly number[];
}

/** Reads the attributes that Conv and the poolings share, with automatic padding worked out. */
export function windowsOf(c: RuleContext, kernel: readonly number[], input: string, output: string): Windows {
  const { node } = c;
  const rank = kernel.length;
  const ones = new Array<number>(rank).fill(1);
  const strides = intsOf(node, 'strides') ?? ones;
  const dilations = intsOf(node, 'dilations') ?? ones;
  const inputSizes = c.staticDims(input, 2);
  const outputSizes = c.staticDims(output, 2);
  const mode = stringOf(node, 'auto_pad', 'NOTSET');
  const pads = intsOf(node, 'pads') ?? new Array<number>(2 * rank).fill(0);
  let before = pads.slice(0, rank);
  let after = pads.slice(rank);
  if (mode === 'VALID') {
    before = ones.map(() => 0);
    after = before;
  } else if (mode !== 'NOTSET' && mode !== '') {
    const totals = inputSizes.map((size, i) =>
      Math.max(0, (outputSizes[i]! - 1) * strides[i]! + reach(kernel[i]!, dilations[i]!) - size),
    );
    const smaller = totals.map((total) => Math.floor(total / 2));
    const larger = totals.map((total, i) => total - smaller[i]!);
    [before, after] = mode === 'SAME_UPPER' ? [smaller, larger] : [larger, smaller];
  }
  return { kernel, strides, dilations, before, after, inputSizes, outputSizes };
}

/** How far a window reaches. */
export function reach(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/** True if no two windows share an element. */
export function disjoint({ kernel, strides, dilations }: Windows): boolean {
  return kernel.every((size, i) => strides[i]! >= reach(size, dilations[i]!));
}

/**
 * True for pooling by `size` x `size` in steps of 2 that halves both axes and leaves nothing out: windows of 2 side by
 * side, or windows of 3 of which each shares a row and a column with the next.
 */
export function halves(
  c: RuleContext,
  size: 2 | 3,
  { kernel, strides, dilations, before, inputSizes, outputSizes }: Windows,
): boolean {
  return (
    c.elementType(c.input(0)) === 'float32' &&
    kernel.length === 2 &&
    kernel.every(
      (extent, i) =>
        extent === size &&
        strides[i] === 2 &&
        reach(extent, dilations[i]!) === size &&
        before[i]! <= size - 2 &&
        inputSizes[i] === 2 * outputSizes[i]!,
    )
  );
}
