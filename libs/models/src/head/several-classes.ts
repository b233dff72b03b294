import type { GraphBuilder, Node } from '@rampart/onnx';

import type { HeadForm } from '../classifier/head';
import { Logarithms } from './logarithm';
import { rangeOf } from './range';
import { intOf, type Reading, rowSize } from './reading';

/** Operators that make a code of a decision. */
const CHOOSING = new Set([
  ...['OneHot', 'Hardmax', 'Where', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Not'],
  ...['Gather', 'ScatterElements', 'ScatterND', 'Sign', 'Round', 'Floor', 'Ceil'],
]);

/** Steps of rounding that leave no more than rare ties between probabilities. */
const FINE = 100;

/** What probing tells about rows of several classes. */
export interface RowsSeen {
  /** Whether no element of any row is negative, and each row's sum is the same. */
  readonly shares: boolean;
  /** Whether each row has a 1 and else zeros. */
  readonly codes: boolean;
}

/** The row of classes, before what was made of it. */
interface Found extends HeadForm {
  readonly source: string;
}

/**
 * What rows of several classes are, and the value to take as logits: what goes into a final softmax or sigmoid, also
 * behind increasing functions that are the same for all classes; what a one-hot code was made of; the logarithms of
 * other probabilities; else the rows themselves. In each of these the classes stand in the same order.
 * @param look what the rows were seen to be; asked for only where the operators do not tell
 */
export async function severalClasses(
  reading: Reading,
  builder: GraphBuilder,
  output: string,
  look: () => Promise<RowsSeen>,
): Promise<Found> {
  const { value, logarithm, shares: normal, scaled } = behindIncreasing(reading, output);
  const exact = beforeSquashing(reading, value);
  if (exact) {
    const isShare = exact.kind === 'softmax' || (exact.kind === 'sigmoid' && normal);
    return { ...exact, kind: isShare ? (logarithm ? 'log-softmax' : 'softmax') : exact.kind };
  }

  const present = withoutIdentity(reading, output);
  // What weights and a bias make is of no bounds and no sum: it need not be looked at.
  if (isLinear(reading, present)) return { source: present, kind: 'logits', unwrapped: 'none' };
  const { low, high } = rangeOf(reading, output);
  const isUnit = low >= 0 && high <= 1;
  const { shares, codes } = await look();
  if (codes && CHOOSING.has(reading.standard(value)?.op ?? '')) {
    return { source: present, kind: 'hard-labels', unwrapped: 'none' };
  }
  if (!shares && !isUnit) return { source: present, kind: 'logits', unwrapped: 'none' };
  const kind = shares ? 'softmax' : 'sigmoid';
  // What is no probability itself came before an exponential, or before a bound.
  if (!scaled && rangeOf(reading, value).low < 0) return { source: value, kind, unwrapped: 'exact' };
  return { source: new Logarithms(reading, builder).of(value), kind, unwrapped: 'logarithms' };
}

const LINEAR = new Set(['Gemm', 'MatMul', 'Conv']);

/** Whether a value is what a layer makes of its weights and its bias. */
function isLinear(reading: Reading, output: string): boolean {
  const { op, inputs } = reading.standard(reading.behindMoves(output)) ?? { op: '', inputs: [] };
  const product = op === 'Add' ? inputs.find((name) => !reading.types.fixed.has(name)) : undefined;
  if (product !== undefined && inputs.length === 2 && inputs.some((name) => reading.types.fixed.has(name))) {
    return isLinear(reading, product);
  }
  if (!LINEAR.has(op) || !reading.types.fixed.has(inputs[1]!)) return false;
  // Probabilities that are mixed, such as those of classes to groups, are still some.
  const { low, high } = rangeOf(reading, inputs[0]!);
  return low < 0 || high > 1;
}

/** What only Identity gives another name. */
function withoutIdentity(reading: Reading, value: string): string {
  const node = reading.standard(value);
  return node?.op === 'Identity' ? withoutIdentity(reading, node.inputs[0]!) : value;
}

/** One column of two, of which the other is 1 minus it. */
interface PairedColumn {
  readonly value: string;
  readonly column: 0 | 1;
}

/** The probability of which two columns are made, where they are p and 1 - p. */
export function pairedColumns(reading: Reading, output: string): PairedColumn | undefined {
  const node = reading.standard(behindIncreasing(reading, output).value);
  const size = (name: string) => rowSize(reading.type(name)?.dims ?? []);
  if (node?.op !== 'Concat' || node.inputs.length !== 2 || !node.inputs.every((name) => size(name) === 1)) {
    return undefined;
  }
  const column = ([0, 1] as const).find((one) => isRest(reading, node.inputs[1 - one]!, node.inputs[one]!));
  return column === undefined ? undefined : { value: node.inputs[column]!, column };
}

/** Whether one value is 1 minus another, which is a probability. */
function isRest(reading: Reading, value: string, of: string): boolean {
  const node = reading.standard(reading.behindMoves(value));
  const { low, high } = rangeOf(reading, of);
  const isOther = () => reading.behindMoves(node!.inputs[1]!) === reading.behindMoves(of);
  return node?.op === 'Sub' && reading.uniform(node.inputs[0]) === 1 && isOther() && low >= 0 && high <= 1;
}

/** What goes into a final operator that keeps the order of classes, and loses the rest. */
function beforeSquashing(reading: Reading, value: string): Found | undefined {
  const node = reading.standard(value);
  if (!node) return undefined;
  const source = node.inputs[0]!;
  const along = () => reading.alongClasses(node, intOf(node, 'axis', -1));
  const found = (kind: HeadForm['kind']): Found => ({ source, kind, unwrapped: 'exact' });
  switch (node.op) {
    case 'Softmax':
      return along() ? found('softmax') : undefined;
    case 'LogSoftmax':
      return along() ? found('log-softmax') : undefined;
    case 'Sigmoid':
    case 'HardSigmoid':
      return found('sigmoid');
    case 'Hardmax':
      return along() ? found('hard-labels') : undefined;
    case 'OneHot':
      return beforeCode(reading, node);
    default:
      return undefined;
  }
}

/** What goes into ArgMax, where OneHot makes a row of its answer again. */
function beforeCode(reading: Reading, { inputs, outputs }: Node): Found | undefined {
  const [indices, , values] = inputs;
  const largest = reading.standard(reading.behindMoves(indices!));
  const [off, on] = reading.constant(values)?.data ?? [];
  if (largest?.op !== 'ArgMax' || !(Number(off) < Number(on))) return undefined;
  const classes = rowSize(reading.type(outputs[0]!)?.dims ?? []);
  const fits = reading.alongClasses(largest, intOf(largest, 'axis', 0));
  if (!fits || rowSize(reading.type(largest.inputs[0]!)!.dims) !== classes) return undefined;
  return { source: largest.inputs[0]!, kind: 'hard-labels', unwrapped: 'exact' };
}

interface Behind {
  readonly value: string;
  /** Whether a logarithm is among the functions. */
  readonly logarithm: boolean;
  /** Whether the values were divided by something of their sample, such as their sum. */
  readonly shares: boolean;
  /** Whether the values are the output's own times something positive: of its signs, whatever their range. */
  readonly scaled: boolean;
}

/** The value before functions that rise, and are the same for all classes of a sample. */
function behindIncreasing(reading: Reading, output: string): Behind {
  let value = reading.behindMoves(output);
  let [logarithm, shares, scaled, exponent] = [false, false, true, false];
  for (;;) {
    const node = reading.standard(value);
    // What an exponential is taken of are logits: only a number that is added to all of a row is none of theirs.
    const before =
      node && (!exponent || node.op === 'Add' || node.op === 'Sub') ? increasing(reading, node) : undefined;
    if (before === undefined) return { value, logarithm, shares, scaled };
    logarithm ||= node!.op === 'Log';
    exponent ||= node!.op === 'Exp';
    scaled &&= node!.op === 'Mul' || node!.op === 'Div';
    shares ||= node!.op === 'Div' && reading.uniform(node!.inputs[1]) === undefined;
    value = reading.behindMoves(before);
  }
}

/** What a node is an increasing function of, element by element. */
function increasing(reading: Reading, { op, inputs }: Node): string | undefined {
  const [a, b] = inputs as [string, string];
  const constant = (name: string) => reading.uniform(name);
  switch (op) {
    case 'Log':
    case 'Exp':
    case 'Sqrt':
      return a;
    case 'Round':
      return rangeOf(reading, a).high - rangeOf(reading, a).low >= FINE ? a : undefined;
    case 'Clip':
      return clips(reading, a, constant(b) ?? -Infinity, constant(inputs[2]!) ?? Infinity);
    case 'Max':
    case 'Min': {
      const bound = constant(b) ?? constant(a);
      const value = constant(b) === undefined ? b : a;
      if (inputs.length !== 2 || bound === undefined) return undefined;
      return op === 'Max' ? clips(reading, value, bound, Infinity) : clips(reading, value, -Infinity, bound);
    }
    case 'Add':
      return isCommon(reading, b) ? a : isCommon(reading, a) ? b : undefined;
    case 'Sub':
      return isCommon(reading, b) ? a : undefined;
    case 'Mul':
      return isCommon(reading, b, 0) ? a : isCommon(reading, a, 0) ? b : undefined;
    case 'Div':
      return isCommon(reading, b, 0) ? a : undefined;
    default:
      return undefined;
  }
}

/** Whether a value is one number for all classes of a sample, and not below a bound, or above it where that is a constant. */
function isCommon(reading: Reading, value: string, low = -Infinity): boolean {
  const constant = reading.uniform(value);
  if (constant !== undefined) return constant > low;
  const { dims } = reading.type(value) ?? { dims: [] };
  return dims.length > 1 && rowSize(dims) === 1 && rangeOf(reading, value).low >= low;
}

/** A bound keeps the largest of k probabilities where it leaves room for it: between 1/k and, as two may tie, 1/2. */
function clips(reading: Reading, value: string, low: number, high: number): string | undefined {
  const classes = rowSize(reading.type(value)?.dims ?? []) ?? 0;
  const range = rangeOf(reading, value);
  const scale = Number.isFinite(range.high) && range.low >= 0 ? range.high : 1;
  return low <= scale / classes && high >= scale / 2 ? value : undefined;
}
