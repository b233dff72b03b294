import { type GraphBuilder, int64Vector, type Node, scalar } from '@rampart/onnx';

import type { HeadForm } from '../classifier/head';
import { Logarithms } from './logarithm';
import { rangeOf } from './range';
import type { Reading } from './reading';

/** A decision by a single value: the positive class where `sign * (value - threshold)` is above 0. */
interface Decision {
  readonly value: string;
  readonly threshold: number;
  readonly sign: 1 | -1;
}

/** The two logits of a single value. */
export interface TwoLogits extends HeadForm {
  /** For the class that the output's large values speak for, one number a sample. */
  readonly positive: string | undefined;
  /** For the other class. */
  readonly negative: string | undefined;
}

/**
 * What a single value a sample is, and two logits for it, one of which may be none, which stands for 0. A value that its
 * operators keep between 0 and 1 is a probability, and decides at 1/2; one with other bounds decides halfway between
 * them, and one without bounds is a logit and decides at 0. The decision is carried back through increasing and
 * decreasing functions, so that none of them takes the gradient away.
 */
export function oneValue(reading: Reading, builder: GraphBuilder, output: string): TwoLogits {
  const { low, high } = rangeOf(reading, output);
  const bounded = Number.isFinite(low) && Number.isFinite(high);
  const threshold = !bounded ? 0 : low >= 0 && high <= 1 ? 0.5 : (low + high) / 2;
  const first: Decision = { value: output, threshold, sign: 1 };
  const last = carriedBack(reading, first);
  const kind = bounded ? 'sigmoid' : 'logits';
  const inner = rangeOf(reading, last.value);
  if (bounded && inner.low >= 0 && inner.high <= 1 && Math.abs(last.threshold - 0.5) < 1e-6) {
    const logarithms = new Logarithms(reading, builder);
    const [yes, no] = [logarithms.of(last.value), logarithms.ofRest(last.value)];
    const [positive, negative] = last.sign > 0 ? [yes, no] : [no, yes];
    return { kind, unwrapped: 'logarithms', positive, negative };
  }
  let value = last.value;
  // A difference of rounding is no threshold.
  if (Math.abs(last.threshold) > 1e-7) value = builder.node('Sub', [value, numberLike(reading, builder, last)]);
  return {
    kind,
    unwrapped: value === output ? 'none' : 'exact',
    positive: last.sign > 0 ? value : undefined,
    negative: last.sign > 0 ? undefined : value,
  };
}

/** Two logits as rows [batch, 2]: constants beside them are integers, which no training changes. */
export function pairOf(builder: GraphBuilder, first: string | undefined, second: string | undefined): string {
  if (first !== undefined && second !== undefined) return builder.node('Concat', [first, second], { axis: 1 });
  const [before, after] = first === undefined ? [1, 0] : [0, 1];
  return builder.node('Pad', [(first ?? second)!, builder.constant(int64Vector([0, before, 0, after]))]);
}

function numberLike(reading: Reading, builder: GraphBuilder, { value, threshold }: Decision): string {
  const constant = builder.constant(scalar(threshold));
  return reading.type(value)?.type === 'float32' ? constant : builder.node('CastLike', [constant, value]);
}

function carriedBack(reading: Reading, first: Decision): Decision {
  let decision = first;
  for (;;) {
    const node = reading.standard(decision.value);
    const before = node && step(reading, node, decision);
    // What has no finite threshold any more decides the same for every input.
    if (!before || !Number.isFinite(before.threshold)) return decision;
    decision = before;
  }
}

/** The decision by what a node is a monotone function of. */
function step(reading: Reading, node: Node, { value, threshold: t, sign }: Decision): Decision | undefined {
  const moved = reading.behindMoves(value);
  if (moved !== value) return { value: moved, threshold: t, sign };
  const [a, b] = node.inputs as [string, string];
  const [left, right] = [reading.uniform(a), reading.uniform(b)];
  const rising = (name: string, threshold: number): Decision => ({ value: name, threshold, sign });
  const falling = (name: string, threshold: number): Decision => ({ value: name, threshold, sign: sign > 0 ? -1 : 1 });
  switch (node.op) {
    case 'Sigmoid':
      return rising(a, Math.log(t / (1 - t)));
    case 'HardSigmoid':
      return rising(a, (t - floatOf(node, 'beta', 0.5)) / floatOf(node, 'alpha', 0.2));
    case 'Tanh':
      return rising(a, Math.atanh(t));
    case 'Exp':
      return rising(a, Math.log(t));
    case 'Log':
      return rising(a, Math.exp(t));
    case 'Sqrt':
      return t > 0 ? rising(a, t * t) : undefined;
    case 'Neg':
      return falling(a, -t);
    case 'Clip':
      return between(t, right ?? -Infinity, reading.uniform(node.inputs[2]) ?? Infinity) ? rising(a, t) : undefined;
    case 'Max':
    case 'Min': {
      const bound = right ?? left;
      if (node.inputs.length !== 2 || bound === undefined) return undefined;
      return (node.op === 'Max' ? t > bound : t < bound) ? rising(right === undefined ? b : a, t) : undefined;
    }
    case 'Add':
      return right !== undefined ? rising(a, t - right) : left !== undefined ? rising(b, t - left) : undefined;
    case 'Sub':
      return right !== undefined ? rising(a, t + right) : left !== undefined ? falling(b, left - t) : undefined;
    case 'Mul':
      return right ? scaled(a, right) : left ? scaled(b, left) : undefined;
    case 'Div':
      if (right) return scaled(a, 1 / right);
      return left && left > 0 && t > 0 && rangeOf(reading, b).low >= 0 ? falling(b, left / t) : undefined;
    case 'Reciprocal':
      return t > 0 && rangeOf(reading, a).low >= 0 ? falling(a, 1 / t) : undefined;
    default:
      return undefined;
  }

  function scaled(name: string, factor: number): Decision {
    return factor > 0 ? rising(name, t / factor) : falling(name, t / factor);
  }
}

const between = (value: number, low: number, high: number) => low < value && value < high;

function floatOf({ attributes }: Node, name: string, fallback: number): number {
  const attribute = attributes[name];
  return attribute?.type === 'float' ? attribute.value : fallback;
}
