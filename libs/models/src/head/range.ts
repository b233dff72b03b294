import type { Node } from '@rampart/onnx';

import { branchesOf, type Reading } from './reading';

/** Bounds of a value's elements, whatever the model is fed. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

const ANY: Range = { low: -Infinity, high: Infinity };
const UNIT: Range = { low: 0, high: 1 };
const POSITIVE: Range = { low: 0, high: Infinity };

/** Operators whose own nature bounds what they make. */
const BOUNDED: Readonly<Record<string, Range>> = {
  Sigmoid: UNIT,
  HardSigmoid: UNIT,
  Softmax: UNIT,
  Hardmax: UNIT,
  LogSoftmax: { low: -Infinity, high: 0 },
  Tanh: { low: -1, high: 1 },
  Softsign: { low: -1, high: 1 },
  Erf: { low: -1, high: 1 },
  Sin: { low: -1, high: 1 },
  Cos: { low: -1, high: 1 },
  Softplus: POSITIVE,
};

/** Operators that choose or rearrange elements of their first input. */
const CHOOSING = new Set([
  ...['Identity', 'Cast', 'Dropout', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose', 'Expand', 'Tile'],
  ...['Slice', 'Gather', 'GatherElements', 'Split', 'ReduceMax', 'ReduceMin', 'ReduceMean', 'GlobalAveragePool'],
  ...['MaxPool', 'AveragePool', 'GlobalMaxPool', 'TopK'],
]);

/** Operators whose every element comes from, or lies between, those of all their inputs. */
const MIXING = new Set(['Concat', 'Max', 'Min', 'Mean']);

/** How far back a range is looked for. */
const DEPTH = 40;

/** Bounds that follow from the operators that make a value, by interval arithmetic; none where they are not known. */
export function rangeOf(reading: Reading, value: string, depth = 0): Range {
  const data = reading.constant(value)?.data;
  if (data && typeof data[0] !== 'string' && data.length > 0) {
    const numbers = Array.from(data as ArrayLike<number | bigint>, Number);
    return { low: Math.min(...numbers), high: Math.max(...numbers) };
  }
  const known = reading.ranges.get(value);
  if (known) return known;
  const node = reading.producer(value);
  if (!node || depth > DEPTH) return ANY;
  const range = node.domain === '' ? ofNode(reading, node, value, depth) : isTransformed(node) ? UNIT : ANY;
  reading.ranges.set(value, range);
  return range;
}

/** Whether one of scikit-learn's operators squashes its scores: the labels, its first output, are no numbers of ours. */
function isTransformed({ domain, attributes }: Node): boolean {
  if (domain !== 'ai.onnx.ml') return false;
  const transform = attributes['post_transform'];
  return transform?.type === 'string' && ['LOGISTIC', 'SOFTMAX', 'PROBIT'].includes(transform.value);
}

function ofNode(reading: Reading, node: Node, value: string, depth: number): Range {
  const { op, inputs } = node;
  const of = (input: string | undefined) => (input ? rangeOf(reading, input, depth + 1) : ANY);
  if (Object.hasOwn(BOUNDED, op)) return BOUNDED[op]!;
  if (CHOOSING.has(op)) return of(inputs[0]);
  const [a, b] = inputs;
  switch (op) {
    case 'Relu':
      return within(of(a), POSITIVE);
    case 'Clip':
      return within(of(a), { low: reading.uniform(b) ?? -Infinity, high: reading.uniform(inputs[2]) ?? Infinity });
    case 'Max':
      return { low: Math.max(...inputs.map((input) => of(input).low)), high: hull(inputs.map(of)).high };
    case 'Min':
      return { low: hull(inputs.map(of)).low, high: Math.min(...inputs.map((input) => of(input).high)) };
    case 'Where':
      return hull(inputs.slice(1).map(of));
    case 'If':
      return hull(
        branchesOf(node, value).map(({ graph, value: made }) => rangeOf(reading.inside(graph), made, depth + 1)),
      );
    case 'Neg':
      return negative(of(a));
    case 'Abs':
    case 'Sqrt':
      return of(a).low >= 0 ? mapped(op === 'Abs' ? (x) => x : Math.sqrt, of(a)) : POSITIVE;
    case 'Exp':
      return mapped(Math.exp, of(a));
    case 'Add':
      return sum(of(a), of(b));
    case 'Sum':
      return inputs.map(of).reduce(sum);
    case 'Sub':
      return sum(of(a), negative(of(b)));
    case 'Mul':
      return product(of(a), of(b));
    case 'Reciprocal':
      return quotient({ low: 1, high: 1 }, of(a));
    case 'Div':
      return of(a).low >= 0 && isPartOf(reading, a!, b!) ? UNIT : quotient(of(a), of(b));
    case 'ReduceSum':
    case 'ReduceL1':
    case 'ReduceL2':
    case 'ReduceSumSquare':
      return op !== 'ReduceSum' || of(a).low >= 0 ? POSITIVE : ANY;
    default:
      return MIXING.has(op) ? hull(inputs.map(of)) : ANY;
  }
}

/** Whether a value that is not negative is one of those that a sum is made of. */
function isPartOf(reading: Reading, part: string, total: string): boolean {
  const node = reading.standard(reading.behindMoves(total));
  const same = (name: string | undefined) =>
    name !== undefined && reading.behindMoves(name) === reading.behindMoves(part);
  if (node?.op === 'ReduceSum' || node?.op === 'ReduceL1') return same(node.inputs[0]);
  if (node?.op !== 'Add' && node?.op !== 'Max' && node?.op !== 'Clip') return false;
  if (node.inputs.some((name) => same(name)))
    return node.op === 'Add' && node.inputs.every((name) => rangeOf(reading, name).low >= 0);
  // A sum that is kept away from 0.
  return node.inputs.some(
    (name) => name !== '' && reading.constant(name) === undefined && isPartOf(reading, part, name),
  );
}

function hull(ranges: readonly Range[]): Range {
  return { low: Math.min(...ranges.map(({ low }) => low)), high: Math.max(...ranges.map(({ high }) => high)) };
}

function within(range: Range, { low, high }: Range): Range {
  const clamp = (x: number) => Math.min(Math.max(x, low), high);
  return { low: clamp(range.low), high: clamp(range.high) };
}

const mapped = (f: (x: number) => number, { low, high }: Range): Range => ({ low: f(low), high: f(high) });
const negative = ({ low, high }: Range): Range => ({ low: -high, high: -low });
const sum = (a: Range, b: Range): Range => ({ low: a.low + b.low, high: a.high + b.high });

function product(a: Range, b: Range): Range {
  // 0 times anything is 0 here: what is unbounded is still finite.
  const times = (x: number, y: number) => (x === 0 || y === 0 ? 0 : x * y);
  return hull([a.low, a.high].flatMap((x) => [b.low, b.high].map((y) => ({ low: times(x, y), high: times(x, y) }))));
}

function quotient(a: Range, b: Range): Range {
  if (b.low < 0 && b.high > 0) return ANY;
  if (b.low === 0) return product(a, { low: b.high === Infinity ? 0 : 1 / b.high, high: Infinity });
  if (b.high === 0) return product(a, { low: -Infinity, high: b.low === -Infinity ? 0 : 1 / b.low });
  return product(a, { low: 1 / b.high, high: 1 / b.low });
}
