import type { ElementType, Node } from '../graph/ir';
import { BLOCK } from '../rewrite/costs';
import type { RuleContext } from './rule';

/** Where a slope is 0: at a bound, that values are on one side of. */
export interface Step {
  readonly bound: number;
  /** 1 for values from the bound on, -1 for values up to it. */
  readonly side: 1 | -1;
}

/** True if the steepness of a step and its product with the bound are ordinary numbers of the type. */
export function canStep(type: ElementType, bound: number): boolean {
  return type === 'float32' && (bound === 0 || (Math.abs(bound) > 1e-20 && Math.abs(bound) < 1e20));
}

/** The gradient where a value is at none of the bounds, 0 elsewhere. */
export function gate(c: RuleContext, gradient: string, value: string, steps: readonly Step[]): string {
  const { emit } = c;
  const open = (of: string) => steps.map(({ bound, side }) => emit.step(of, bound, side));
  if (!fillsUpBlocks(c, value)) return open(value).reduce((result, slope) => emit.mul(result, slope), gradient);
  // Steps right behind a convolution would be computed in its blocks, and each brought back by itself. Behind a
  // change of shape the value is brought back, once.
  const area = c.staticDims(value, 2).reduce((product, size) => product * size, 1);
  const slope = open(emit.reshape(value, [-1, area])).reduce((a, b) => emit.mul(a, b));
  return emit.mul(gradient, emit.reshapeLike(slope, value));
}

/** Operators that leave a convolution's result in its blocks. */
const BLOCKED = new Set(['Add', 'BatchNormalization', 'Clip', 'Relu', 'Sum']);

/** True for what is made by a convolution of a number of channels that leaves blocks unfilled. */
function fillsUpBlocks(c: RuleContext, value: string): boolean {
  const dims = c.dims(value);
  const [, channels, ...sizes] = dims;
  if (dims.length !== 4 || typeof channels !== 'number' || channels % BLOCK === 0) return false;
  if (sizes.some((size) => typeof size !== 'number' || size === 0)) return false;
  return beginsWithConv(c, value);
}

/** What is known of whether values come from a convolution through operators that leave its blocks. */
const ORIGINS = new WeakMap<Node, boolean>();

/** Walks back once: what lies on the way is remembered, so that a long chain costs no more than its length. */
function beginsWithConv(c: RuleContext, value: string): boolean {
  const way: Node[] = [];
  let producer = c.producer(value);
  while (producer && BLOCKED.has(producer.op) && !ORIGINS.has(producer)) {
    way.push(producer);
    producer = c.producer(producer.inputs[0]!);
  }
  const origin = producer !== undefined && (ORIGINS.get(producer) ?? producer.op === 'Conv');
  for (const node of way) ORIGINS.set(node, origin);
  return origin;
}
