import { float as floatAttribute, floatOf, stringOf } from '../../graph/attribute';
import { canStep, gate, type Step } from '../gate';
import type { Emitter } from '../emitter';
import type { GradientRule, RuleContext } from '../rule';

interface Unary {
  readonly emit: Emitter;
  readonly x: string;
  readonly y: string;
  readonly gradient: string;
  readonly context: RuleContext;
  /** A number of the input's element type. */
  number(value: number): string;
}

/** A rule of an operator that maps each element by itself: the gradient times the slope. */
function unary(rule: (unary: Unary) => string): GradientRule {
  return (context) => {
    const x = context.input(0);
    // A scalar of no dimensions is slow where the last one has size 1.
    const dims = context.dims(x);
    const shape = dims.at(-1) === 1 ? dims.map(() => 1) : [];
    const number = (value: number) => context.emit.numbers(shape, [value], x);
    return [rule({ emit: context.emit, x, y: context.output(), gradient: context.gradient, context, number })];
  };
}

/** The gradient where a condition on the input holds, else 0. */
const gated = ({ emit, gradient, x }: Unary, condition: string) => emit.where(condition, gradient, x);

const float = ({ context }: Unary, name: string, fallback: number) => floatOf(context.node, name, fallback);

const sigmoid = ({ emit, x }: Unary) => emit.op('Sigmoid', [x]);

/** y where x < 0, with slope y + alpha there for alpha (exp(x) - 1): Elu and Celu. */
const exponentialBelowZero = (u: Unary, below: string) => {
  const negative = u.emit.op('Less', [u.x, u.number(0)]);
  return u.emit.op('Where', [negative, u.emit.mul(u.gradient, below), u.gradient]);
};

/** exp(-x^2 / 2) / sqrt(2 pi). */
const normalDensity = ({ emit, x, number }: Unary) =>
  emit.mul(emit.op('Exp', [emit.mul(emit.mul(x, x), number(-0.5))]), number(1 / Math.sqrt(2 * Math.PI)));

const gelu = unary((u) => {
  const { emit, x, gradient, number } = u;
  if (stringOf(u.context.node, 'approximate', 'none') === 'none') {
    const half = emit.mul(emit.add(emit.op('Erf', [emit.mul(x, number(Math.SQRT1_2))]), number(1)), number(0.5));
    return emit.mul(gradient, emit.add(half, emit.mul(x, normalDensity(u))));
  }
  // 0.5 x (1 + tanh u), u = sqrt(2 / pi) (x + 0.044715 x^3)
  const c = Math.sqrt(2 / Math.PI);
  const square = emit.mul(x, x);
  const inner = emit.mul(x, emit.add(emit.mul(square, number(c * 0.044715)), number(c)));
  const tanh = emit.op('Tanh', [inner]);
  const innerSlope = emit.add(emit.mul(square, number(3 * c * 0.044715)), number(c));
  const first = emit.mul(emit.add(tanh, number(1)), number(0.5));
  const second = emit.mul(emit.mul(x, number(0.5)), emit.mul(emit.sub(number(1), emit.mul(tanh, tanh)), innerSlope));
  return emit.mul(gradient, emit.add(first, second));
});

/** x sigmoid(alpha x): s + alpha x s (1 - s). */
const swish = unary((u) => {
  const { emit, x, gradient, number } = u;
  const alpha = float(u, 'alpha', 1);
  const scaled = emit.scale(x, alpha, x);
  const s = emit.op('Sigmoid', [scaled]);
  const slope = emit.add(s, emit.mul(emit.mul(scaled, s), emit.sub(number(1), s)));
  return emit.mul(gradient, slope);
});

/** x h with h = HardSigmoid(x, 1/6, 1/2): 0 up to -3, 1 from 3 on, x / 3 + 1/2 in between. */
const hardSwish = unary(({ emit, x, gradient, number }) => {
  // What is not above -1/2 becomes 0: first 1 - slope from the upper end on, then slope below the lower one.
  const cut = (value: string) => emit.op('ThresholdedRelu', [value], { alpha: floatAttribute(-0.5) });
  const rest = emit.sub(number(0.5), emit.mul(x, number(1 / 3)));
  return emit.mul(gradient, cut(emit.sub(number(1), cut(rest))));
});

/** x tanh(softplus(x)): t + x (1 - t^2) sigmoid(x). */
const mish = unary((u) => {
  const { emit, x, gradient, number } = u;
  const t = emit.op('Tanh', [emit.op('Softplus', [x])]);
  const slope = emit.mul(emit.mul(x, sigmoid(u)), emit.sub(number(1), emit.mul(t, t)));
  return emit.mul(gradient, emit.add(t, slope));
});

/** Bounds are inputs 1 and 2. Beyond them, and at them, the result does not move with the input. */
const clip: GradientRule = (c) => {
  const { emit } = c;
  const [x, y] = [c.input(0), c.output()];
  let gradient = c.gradient;
  const results: (string | undefined)[] = [];
  const steps: Step[] = [];
  // The upper bound wins where it is below the lower one.
  for (const index of [2, 1]) {
    const bound = c.input(index);
    if (bound === '') continue;
    if (c.wants(index)) {
      const lower = c.input(1);
      const raised = index === 2 && lower !== '' ? emit.op('Max', [x, lower]) : x;
      const outside = emit.op(index === 2 ? 'Greater' : 'Less', [raised, bound]);
      const axes = c.dims(x).map((_, axis) => axis);
      results[index] = emit.sum(emit.where(outside, gradient, x), axes, false);
    }
    const known = c.numbers(index)?.[0];
    if (known !== undefined && canStep(c.elementType(x), known)) {
      steps.push({ bound: known, side: index === 2 ? -1 : 1 });
    } else {
      gradient = emit.wherePositive(gradient, index === 2 ? emit.sub(bound, y) : emit.sub(y, bound), x);
    }
  }
  results[0] = steps.length === 0 ? gradient : gate(c, gradient, y, steps);
  return results;
};

const prelu: GradientRule = (c) => {
  const { emit, gradient } = c;
  const [x, slope] = [c.input(0), c.input(1)];
  const negative = emit.op('Less', [x, emit.number(0, x)]);
  return [
    c.wants(0) ? emit.op('Where', [negative, emit.mul(gradient, slope), gradient]) : undefined,
    c.wants(1) ? emit.unbroadcast(emit.where(negative, emit.mul(gradient, x), x), c.dims(x), c.dims(slope)) : undefined,
  ];
};

const SELU_ALPHA = 1.6732632423543772;
const SELU_GAMMA = 1.0507009873554805;

/** Operators on the elements of one input. */
export const activationRules: Readonly<Record<string, GradientRule>> = {
  Relu: unary(({ emit, context, x, y, gradient }) => {
    if (context.isGated(gradient)) return gradient;
    if (!canStep(context.elementType(x), 0)) return emit.wherePositive(gradient, y, x);
    return gate(context, gradient, y, [{ bound: 0, side: 1 }]);
  }),
  LeakyRelu: unary((u) => {
    const alpha = float(u, 'alpha', 0.01);
    if (alpha >= 0 && alpha <= 1 && u.context.elementType(u.x) === 'float32') {
      // 0 up to 0 and 1 above, raised to alpha: Where would take as long as all of it.
      return u.emit.mul(u.gradient, u.emit.op('Max', [u.emit.hardSigmoid(u.x, 3e38, 0), u.number(alpha)]));
    }
    const scaled = u.emit.mul(u.gradient, u.number(alpha));
    return u.emit.op('Where', [u.emit.op('Less', [u.x, u.number(0)]), scaled, u.gradient]);
  }),
  PRelu: prelu,
  Elu: unary((u) => {
    const alpha = float(u, 'alpha', 1);
    // Up to 0 the slope y + 1 is below 1, from there on above.
    const isClipped = alpha === 1 && u.context.elementType(u.x) === 'float32';
    if (isClipped) return u.emit.mul(u.gradient, u.emit.hardSigmoid(u.y, 1, 1));
    return exponentialBelowZero(u, u.emit.add(u.y, u.number(alpha)));
  }),
  Celu: unary((u) => {
    const alpha = float(u, 'alpha', 1);
    return exponentialBelowZero(u, u.emit.op('Exp', [u.emit.mul(u.x, u.number(1 / alpha))]));
  }),
  Selu: unary((u) => {
    const [alpha, gamma] = [float(u, 'alpha', SELU_ALPHA), float(u, 'gamma', SELU_GAMMA)];
    const positive = u.emit.op('Greater', [u.x, u.number(0)]);
    const below = u.emit.mul(u.gradient, u.emit.add(u.y, u.number(alpha * gamma)));
    return u.emit.op('Where', [positive, u.emit.mul(u.gradient, u.number(gamma)), below]);
  }),
  Gelu: gelu,
  Swish: swish,
  Mish: mish,
  Sigmoid: unary(({ emit, y, gradient, number }) => emit.mul(gradient, emit.mul(y, emit.sub(number(1), y)))),
  // Between its bounds y (1 - y) is positive, at them it is 0.
  HardSigmoid: unary((u) => {
    const { emit, x, y, gradient, number } = u;
    const inside = emit.mul(y, emit.sub(number(1), y));
    // A slope that stands for a step is so large that its product with a gradient is infinite: it is taken after the gate.
    return emit.mul(emit.wherePositive(gradient, inside, x), number(float(u, 'alpha', 0.2)));
  }),
  HardSwish: hardSwish,
  Softplus: unary((u) => u.emit.mul(u.gradient, sigmoid(u))),
  Softsign: unary(({ emit, x, gradient, number }) => {
    const denominator = emit.add(emit.op('Abs', [x]), number(1));
    return emit.div(gradient, emit.mul(denominator, denominator));
  }),
  ThresholdedRelu: unary((u) => gated(u, u.emit.op('Greater', [u.x, u.number(float(u, 'alpha', 1))]))),
  Shrink: unary((u) => {
    const beyond = u.emit.op('Greater', [u.emit.op('Abs', [u.x]), u.number(float(u, 'lambd', 0.5))]);
    return gated(u, beyond);
  }),
  Clip: clip,
  Tanh: unary(({ emit, y, gradient, number }) => emit.mul(gradient, emit.sub(number(1), emit.mul(y, y)))),
  Abs: unary(({ emit, x, gradient }) => emit.mul(gradient, emit.op('Sign', [x]))),
  Neg: unary(({ emit, x, gradient }) => emit.negLike(gradient, x)),
  Exp: unary(({ emit, y, gradient }) => emit.mul(gradient, y)),
  Log: unary(({ emit, x, gradient }) => emit.div(gradient, x)),
  Sqrt: unary(({ emit, y, gradient, number }) => emit.div(emit.mul(gradient, number(0.5)), y)),
  Reciprocal: unary(({ emit, y, gradient }) => emit.neg(emit.mul(gradient, emit.mul(y, y)))),
  Erf: unary(({ emit, x, gradient, number }) => {
    const bell = emit.op('Exp', [emit.neg(emit.mul(x, x))]);
    return emit.mul(gradient, emit.mul(bell, number(2 / Math.sqrt(Math.PI))));
  }),
  Sin: unary(({ emit, x, gradient }) => emit.mul(gradient, emit.op('Cos', [x]))),
  Cos: unary(({ emit, x, gradient }) => emit.neg(emit.mul(gradient, emit.op('Sin', [x])))),
  Tan: unary(({ emit, y, gradient, number }) => emit.mul(gradient, emit.add(emit.mul(y, y), number(1)))),
  Asin: unary(({ emit, x, gradient, number }) =>
    emit.div(gradient, emit.op('Sqrt', [emit.sub(number(1), emit.mul(x, x))])),
  ),
  Acos: unary(({ emit, x, gradient, number }) =>
    emit.neg(emit.div(gradient, emit.op('Sqrt', [emit.sub(number(1), emit.mul(x, x))]))),
  ),
  Atan: unary(({ emit, x, gradient, number }) => emit.div(gradient, emit.add(emit.mul(x, x), number(1)))),
  Sinh: unary(({ emit, x, gradient }) => emit.mul(gradient, emit.op('Cosh', [x]))),
  Cosh: unary(({ emit, x, gradient }) => emit.mul(gradient, emit.op('Sinh', [x]))),
  Asinh: unary(({ emit, x, gradient, number }) =>
    emit.div(gradient, emit.op('Sqrt', [emit.add(emit.mul(x, x), number(1))])),
  ),
  Acosh: unary(({ emit, x, gradient, number }) =>
    emit.div(gradient, emit.op('Sqrt', [emit.sub(emit.mul(x, x), number(1))])),
  ),
  Atanh: unary(({ emit, x, gradient, number }) => emit.div(gradient, emit.sub(number(1), emit.mul(x, x)))),
};
