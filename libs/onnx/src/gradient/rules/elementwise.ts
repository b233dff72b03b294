import { intOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';

/** A gradient of the output's shape, summed to that of an input. */
function toInput(context: RuleContext, index: number, gradient: () => string): string | undefined {
  if (!context.wants(index)) return undefined;
  const { emit } = context;
  return emit.unbroadcast(gradient(), context.dims(context.output()), context.dims(context.input(index)));
}

const add: GradientRule = (c) => [toInput(c, 0, () => c.gradient), toInput(c, 1, () => c.gradient)];

/** The negative of the gradient, of which there may be less once it has been summed. */
function negative(c: RuleContext): string | undefined {
  const gradient = toInput(c, 1, () => c.gradient);
  return gradient && c.emit.negLike(gradient, c.input(1));
}

const sub: GradientRule = (c) => [toInput(c, 0, () => c.gradient), negative(c)];

const mul: GradientRule = (c) => [
  toInput(c, 0, () => c.emit.mul(c.gradient, c.input(1))),
  toInput(c, 1, () => c.emit.mul(c.gradient, c.input(0))),
];

const div: GradientRule = (c) => {
  const quotient = c.emit.div(c.gradient, c.input(1));
  return [toInput(c, 0, () => quotient), toInput(c, 1, () => c.emit.neg(c.emit.mul(quotient, c.output())))];
};

/** a^b: b a^(b-1), and a^b log a for the exponent, 0 where the base is not positive. */
const pow: GradientRule = (c) => {
  const { emit, gradient } = c;
  const [base, exponent] = [c.input(0), c.input(1)];
  const type = c.elementType(base);
  const power = c.elementType(exponent) === type ? exponent : emit.cast(exponent, type);
  const known = c.numbers(1);
  const toBase = () => {
    if (known?.every((value) => value === 2)) return emit.mul(gradient, emit.scale(base, 2, base));
    if (known?.every((value) => value === 1)) return gradient;
    if (known?.every((value) => value === 0.5)) return emit.div(emit.scale(gradient, 0.5, base), c.output());
    const lower = emit.op('Pow', [base, emit.sub(power, emit.number(1, base))]);
    const slope = emit.mul(power, lower);
    // A constant power of 0 has no slope, also where 0^-1 would be infinite.
    const flat = emit.op('Equal', [power, emit.number(0, base)]);
    return emit.mul(
      gradient,
      known?.every((value) => value !== 0) ? slope : emit.op('Where', [flat, emit.number(0, base), slope]),
    );
  };
  const toExponent = () => {
    const positive = emit.op('Greater', [base, emit.number(0, base)]);
    const log = emit.op('Log', [emit.op('Where', [positive, base, emit.number(1, base)])]);
    return emit.mul(gradient, emit.mul(c.output(), log));
  };
  return [toInput(c, 0, toBase), toInput(c, 1, toExponent)];
};

/** a - b * trunc(a / b), or floor for integers, which have no gradient. */
const mod: GradientRule = (c) => {
  const { emit, gradient } = c;
  const [a, b] = [c.input(0), c.input(1)];
  const toDivisor = () => {
    const whole = emit.op('Round', [emit.div(emit.sub(c.output(), a), b)]);
    return emit.mul(gradient, whole);
  };
  if (intOf(c.node, 'fmod', 0) !== 1) throw c.refuse('fmod is expected to be 1 for floating-point numbers');
  return [toInput(c, 0, () => gradient), toInput(c, 1, toDivisor)];
};

const sum: GradientRule = (c) => c.node.inputs.map((_, i) => toInput(c, i, () => c.gradient));

const mean: GradientRule = (c) => {
  const share = c.emit.scale(c.gradient, 1 / c.node.inputs.length, c.output());
  return c.node.inputs.map((_, i) => toInput(c, i, () => share));
};

/** The gradient goes to the first of the inputs that is the result. */
const extreme: GradientRule = (c) => {
  const { emit, node } = c;
  if (c.elementType(c.output()) === 'float32' && node.inputs.every((input) => sameShape(c, input))) {
    return emit.toFirst(c.gradient, node.inputs, c.output());
  }
  const results: (string | undefined)[] = [];
  let taken: string | undefined;
  node.inputs.forEach((input, i) => {
    const equal = emit.op('Equal', [input, c.output()]);
    const chosen = taken === undefined ? equal : emit.op('And', [equal, emit.not(taken)]);
    results.push(toInput(c, i, () => emit.where(chosen, c.gradient, c.output())));
    taken = taken === undefined ? equal : emit.op('Or', [taken, equal]);
  });
  return results;
};

function sameShape(c: RuleContext, input: string): boolean {
  const [own, whole] = [c.dims(input), c.dims(c.output())];
  return own.length === whole.length && own.every((size, axis) => size === whole[axis]);
}

const where: GradientRule = (c) => {
  const { emit, gradient } = c;
  const zero = () => emit.number(0, c.output());
  const uniform = sameShape(c, c.input(0)) ? c.uniform(gradient) : undefined;
  // The condition alone gives the result its shape.
  const value = uniform === undefined ? gradient : emit.number(uniform, c.output());
  return [
    undefined,
    toInput(c, 1, () => emit.op('Where', [c.input(0), value, zero()])),
    toInput(c, 2, () => emit.op('Where', [c.input(0), zero(), value])),
  ];
};

/** Operators on elements of two and more inputs, with broadcasting. */
export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Pow: pow,
  Mod: mod,
  Sum: sum,
  Mean: mean,
  Max: extreme,
  Min: extreme,
  Where: where,
};
