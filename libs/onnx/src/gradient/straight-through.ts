import { intOf } from '../graph/attribute';
import type { GraphBuilder } from '../graph/builder';
import type { ElementType, Node } from '../graph/ir';
import { isFloat } from '../graph/tensor';
import type { ValueTypes } from '../graph/value-types';
import { ruleOf } from './registry';
import { type GradientRule, type RuleContext } from './rule';
import { RULES } from './rules';
import { AsFloats, gradientType } from './as-floats';

/*
 * Straight-through gradients (Bengio et al. 2013, section 3.1; as BPDA in Athalye et al. 2018, section 4.1): in the
 * backward half an operator that changes in steps is taken for the smooth one that it follows. The gradient of an
 * integer is of float32.
 */

const same: GradientRule = (c) => [c.gradient];

/** The gradient of the softmax of the same values. */
const hardmax: GradientRule = (c) => {
  const { emit } = c;
  const axis = c.axis(intOf(c.node, 'axis', -1), c.dims(c.output()).length);
  const soft = emit.op('Softmax', [c.input(0)], { axis });
  const weighted = emit.mul(c.gradient, soft);
  return [emit.sub(weighted, emit.mul(soft, emit.sum(weighted, [axis])))];
};

/** From floats to integers and back. */
const cast: GradientRule = (c) => [c.emit.cast(c.gradient, gradientType(c.elementType(c.input(0))))];

/** A scale or zero point of one value a channel, in a shape that spreads along the axis. */
function spread(c: RuleContext, value: string, of: string): string {
  if (intOf(c.node, 'block_size', 0) > 0) throw c.refuse('its scales are expected to be one, or one a channel');
  const rank = c.dims(of).length;
  if (c.dims(value).length !== 1 || rank === 0) return value;
  const axis = c.axis(intOf(c.node, 'axis', 1), rank);
  if (c.dims(value)[0] === 1) return c.emit.reshape(value, [1]);
  return c.emit.reshape(
    value,
    Array.from({ length: rank }, (_, i) => (i === axis ? -1 : 1)),
  );
}

const RANGES: Readonly<Partial<Record<ElementType, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** round(x / scale) + zero point, kept within the integers' range: the gradient of x / scale inside of it. */
const quantizeLinear: GradientRule = (c) => {
  const { emit } = c;
  const [x, zero] = [c.input(0), c.input(2)];
  const type = c.elementType(x);
  const scale = emit.cast(spread(c, c.input(1), x), type);
  const range = RANGES[c.elementType(c.output())];
  const slope = emit.div(emit.cast(c.gradient, type), scale);
  if (!range) return [slope];
  const level = emit.op('Round', [emit.div(x, scale)]);
  const moved = zero === '' ? level : emit.add(level, emit.cast(spread(c, zero, x), type));
  const [lowest, highest] = range.map((bound) => emit.number(bound, x)) as [string, string];
  const kept = emit.op('Equal', [emit.op('Clip', [moved, lowest, highest]), moved]);
  return [emit.where(kept, slope, x)];
};

/** The same with a scale and a zero point that are made of the values' range, and count as constants. */
const dynamicQuantizeLinear: GradientRule = (c) => [c.emit.div(c.gradient, c.output(1))];

const dequantizeLinear: GradientRule = (c) => {
  const { emit } = c;
  const scale = spread(c, c.input(1), c.output());
  const toIntegers = c.wants(0) ? emit.cast(emit.mul(c.gradient, scale), 'float32') : undefined;
  return [toIntegers, c.wants(1) ? RULES['DequantizeLinear']!(c)[1] : undefined];
};

/** Steps by operator. */
const STEPS: Readonly<Record<string, GradientRule>> = {
  Round: same,
  Floor: same,
  Ceil: same,
  Sign: same,
  Hardmax: hardmax,
  QuantizeLinear: quantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
};

/** Arithmetic, of whose integers all are taken for floats; of other operators those alone that have a gradient. */
const ARITHMETIC = new Set(['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Abs', 'Min', 'Max', 'Clip', 'Sum', 'MatMul']);

/** Operators all of whose inputs are data; of others the first one is, and the rest are places, sizes or indices. */
const JOINING = new Set([...ARITHMETIC, 'Concat', 'Where']);

/** Products of integers, less their zero points, by the operator on floats that they stand for. */
const PRODUCTS: Readonly<Record<string, string>> = { MatMulInteger: 'MatMul', ConvInteger: 'Conv' };

/** True for whole numbers; bool has none. */
function isInteger(type: ElementType): boolean {
  return /^u?int/.test(type);
}

/** A context for another node than the one at hand. */
export type ContextOf = (node: Node, types: ValueTypes) => RuleContext;

/** The rules of nodes that are steps or take integers. */
export class StraightThrough {
  constructor(
    private readonly types: ValueTypes,
    private readonly builder: GraphBuilder,
  ) {}

  /** The outputs of such a node to which gradients may come; undefined where this is any other node. */
  reached(node: Node, active: ReadonlySet<string>): readonly string[] | undefined {
    if (node.domain !== '') return undefined;
    const { op, inputs, outputs } = node;
    if (Object.hasOwn(STEPS, op)) return active.has(inputs[0]!) ? outputs.slice(0, 1) : [];
    const joins = JOINING.has(op) || Object.hasOwn(PRODUCTS, op);
    const reaching = inputs.filter((name, i) => active.has(name) && (i === 0 || joins));
    const numeric = outputs.every((output) => isFloat(this.type(output)) || isInteger(this.type(output)));
    if (reaching.length === 0 || !numeric) return undefined;
    if (op === 'Cast' || Object.hasOwn(PRODUCTS, op)) return outputs;
    if (!reaching.some((name) => isInteger(this.type(name))) || !ruleOf(node)) return undefined;
    // Other outputs are places, such as those of the largest values.
    return op === 'Split' ? outputs : outputs.slice(0, 1);
  }

  /** The gradients of such a node's inputs; undefined where this is any other node. */
  gradients(node: Node, context: RuleContext, contextOf: ContextOf): readonly (string | undefined)[] | undefined {
    if (node.domain !== '') return undefined;
    const { op } = node;
    if (Object.hasOwn(STEPS, op)) return STEPS[op]!(context);
    if (op === 'DequantizeLinear') return dequantizeLinear(context);
    if (![...node.inputs, ...node.outputs].some((name) => isInteger(this.type(name)))) return undefined;
    if (op === 'Cast') return cast(context);
    const floats = new AsFloats(this.types, this.builder);
    if (Object.hasOwn(PRODUCTS, op)) {
      const inputs = [0, 1].map((i) => floats.less(node.inputs[i]!, node.inputs[i + 2] ?? ''));
      const product = { ...node, op: PRODUCTS[op]!, inputs, outputs: node.outputs.map((name) => floats.of(name)) };
      return ruleOf(product)!(contextOf(product, floats.types));
    }
    const arithmetic = ARITHMETIC.has(op);
    const isData = (i: number) => arithmetic || ((i === 0 || JOINING.has(op)) && context.wants(i));
    const inputs = node.inputs.map((name, i) => (isData(i) ? floats.of(name) : name));
    if (inputs.every((name, i) => name === node.inputs[i])) return undefined;
    const alike = arithmetic
      ? { ...node, inputs, outputs: node.outputs.map((name) => floats.of(name)) }
      : floats.repeated(node, inputs);
    return ruleOf(alike)?.(contextOf(alike, floats.types));
  }

  private type(name: string): ElementType {
    return this.types.values.get(name)?.type ?? 'string';
  }
}
