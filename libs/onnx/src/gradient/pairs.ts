import { float32Tensor } from '../graph/tensor';
import type { RuleContext } from './rule';
import { reach, type Windows } from './windows';

/** Selecting by a product costs more the longer the rows are. */
const LONGEST_ROW = 32;

/** True for pooling by 2 x 2 in steps of 2 that leaves nothing out. */
export function poolsPairs(
  c: RuleContext,
  { kernel, strides, dilations, before, inputSizes, outputSizes }: Windows,
): boolean {
  return (
    c.elementType(c.input(0)) === 'float32' &&
    kernel.length === 2 &&
    inputSizes[1]! <= LONGEST_ROW &&
    kernel.every(
      (size, i) =>
        size === 2 &&
        strides[i] === 2 &&
        reach(size, dilations[i]!) === 2 &&
        before[i] === 0 &&
        inputSizes[i] === 2 * outputSizes[i]!,
    )
  );
}

/**
 * Puts each value of `pooled` where the first maximum of its 2 x 2 window is, and 0 elsewhere. It compares columns in
 * pairs, then rows. Columns are picked and put back by products with matrices of zeros and ones, which are exact.
 * ONNX Runtime 1.30 takes two thirds of the time over it that it takes over MaxPool's indices and MaxUnpool.
 */
export function unpoolPairs(c: RuleContext, pooled: string, { inputSizes, outputSizes }: Windows): string {
  const { emit } = c;
  const x = c.input(0);
  const [wide, narrow] = [inputSizes[1]!, outputSizes[1]!];
  const rows = emit.reshape(x, [-1, wide]);
  const [left, right] = [0, 1].map((side) => emit.op('MatMul', [rows, picking(c, wide, narrow, side)])) as [
    string,
    string,
  ];
  const atRight = emit.cast(emit.op('Greater', [right, left]), 'float32');
  const pairs = emit.reshape(emit.op('Max', [left, right]), [-1, 2, narrow]);
  const [upper, lower] = emit.ops('Split', [pairs], 2, { axis: 1, num_outputs: 2 }) as [string, string];
  const atLower = emit.cast(emit.op('Greater', [lower, upper]), 'float32');
  const values = emit.reshape(pooled, [-1, 1, narrow]);
  const toLower = emit.mul(values, atLower);
  const both = emit.op('Concat', [emit.sub(values, toLower), toLower], { axis: 1 });
  const inRows = emit.reshape(both, [-1, narrow]);
  const toRight = emit.mul(inRows, atRight);
  const spread = [emit.sub(inRows, toRight), toRight].map((value, side) =>
    emit.op('MatMul', [value, emit.transpose(picking(c, wide, narrow, side), [1, 0])]),
  );
  return emit.reshapeLike(emit.add(spread[0]!, spread[1]!), x);
}

/** [wide, narrow]: picks every second column, from the first or the second one on. */
function picking(c: RuleContext, wide: number, narrow: number, side: number): string {
  const values = Array.from({ length: wide * narrow }, (_, i) =>
    Number(Math.floor(i / narrow) === 2 * (i % narrow) + side),
  );
  return c.emit.constant(float32Tensor([wide, narrow], values));
}
