import { intOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';

interface Reduction {
  readonly c: RuleContext;
  readonly axes: readonly number[];
  readonly x: string;
  /** The result with the reduced axes kept. */
  result(): string;
  /** The gradient with the reduced axes kept. */
  readonly gradient: string;
}

/** A rule that gives the input's gradient; what it returns may lack the reduced axes' repetition. */
function reduction(rule: (reduction: Reduction) => string, repeated = true): GradientRule {
  return (c) => {
    const x = c.input(0);
    const axes = reducedAxes(c);
    const keep = intOf(c.node, 'keepdims', 1) === 1;
    const restore = (value: string) => (keep ? value : c.emit.unsqueeze(value, axes));
    if (axes.length === 0) {
      return [rule({ c, axes, x, result: () => c.output(), gradient: c.gradient })];
    }
    const gradient = rule({ c, axes, x, result: () => restore(c.output()), gradient: restore(c.gradient) });
    return [repeated ? gradient : c.emit.expandLike(gradient, x)];
  };
}

function reducedAxes(c: RuleContext): number[] {
  const rank = c.dims(c.input(0)).length;
  const all = Array.from({ length: rank }, (_, axis) => axis);
  if (c.input(1) === '') return intOf(c.node, 'noop_with_empty_axes', 0) ? [] : all;
  const given = c.numbers(1);
  if (!given) throw c.refuse('its axes are computed from the data');
  if (given.length === 0) return intOf(c.node, 'noop_with_empty_axes', 0) ? [] : all;
  return given.map((axis) => c.axis(axis, rank)).toSorted((a, b) => a - b);
}

/** How many elements come together in one: a scalar of the input's type. */
function reducedCount(c: RuleContext, axes: readonly number[]): string {
  const dims = c.dims(c.input(0));
  const sizes = axes.map((axis) => dims[axis]!);
  if (sizes.every((size) => typeof size === 'number')) {
    return c.emit.number(
      sizes.reduce((product, size) => product * size, 1),
      c.input(0),
    );
  }
  const shape = c.emit.op('Gather', [c.emit.op('Shape', [c.input(0)]), c.emit.ints(axes)]);
  return c.emit.cast(c.emit.op('ReduceProd', [shape], { keepdims: 0 }), c.elementType(c.input(0)));
}

/** Equal extremes share the gradient. */
const extreme = reduction(({ c, axes, x, result, gradient }) => {
  const { emit } = c;
  const chosen = emit.cast(emit.op('Equal', [x, result()]), c.elementType(x));
  return emit.mul(chosen, emit.div(gradient, emit.sum(chosen, axes)));
});

/** The product of the others: by division where there is no zero, all but one of them where there is one. */
const product = reduction(({ c, axes, x, gradient }) => {
  const { emit } = c;
  const isZero = emit.op('Equal', [x, emit.number(0, x)]);
  const zeros = emit.sum(emit.cast(isZero, c.elementType(x)), axes);
  const filled = emit.op('Where', [isZero, emit.number(1, x), x]);
  const rest = axes.length === 0 ? filled : emit.op('ReduceProd', [filled, emit.ints(axes)], { keepdims: 1 });
  const none = emit.where(emit.op('Equal', [zeros, emit.number(0, x)]), emit.div(rest, filled), x);
  const one = emit.where(emit.op('Equal', [zeros, emit.number(1, x)]), rest, x);
  return emit.mul(gradient, emit.op('Where', [isZero, one, none]));
});

export const reduceRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: reduction(({ gradient }) => gradient, false),
  ReduceMean: reduction(({ c, axes, gradient }) => c.emit.div(gradient, reducedCount(c, axes)), false),
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceProd: product,
  ReduceL1: reduction(({ c, x, gradient }) => c.emit.mul(gradient, c.emit.op('Sign', [x]))),
  ReduceL2: reduction(({ c, x, result, gradient }) => {
    const { emit } = c;
    const norm = result();
    // The norm has no gradient at 0; 0 is one of its subgradients.
    const safe = emit.op('Where', [emit.op('Equal', [norm, emit.number(0, x)]), emit.number(1, x), norm]);
    return emit.mul(emit.div(gradient, safe), x);
  }),
  ReduceSumSquare: reduction(({ c, x, gradient }) => c.emit.mul(c.emit.scale(gradient, 2, x), x)),
  ReduceLogSum: reduction(({ c, axes, x, gradient }) => c.emit.div(gradient, c.emit.sum(x, axes)), false),
  ReduceLogSumExp: reduction(({ c, x, result, gradient }) =>
    c.emit.mul(gradient, c.emit.op('Exp', [c.emit.sub(x, result())])),
  ),
};
