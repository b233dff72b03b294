import { intOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';

/** One reduction: what is reduced, and how its parts are written. */
class Reduction {
  readonly x: string;

  constructor(readonly c: RuleContext) {
    this.x = c.input(0);
  }

  /** The result, so shaped that it broadcasts against the input. */
  get result(): string {
    return this.restored(this.c.output());
  }

  /** The gradient, so shaped that it broadcasts against the input. */
  get gradient(): string {
    return this.restored(this.c.gradient);
  }

  /** A value of the input's shape times the gradient. */
  weighted(value: string): string {
    const uniform = this.c.uniform(this.c.gradient);
    return uniform === undefined ? this.c.emit.mul(this.gradient, value) : this.c.emit.scale(value, uniform, this.x);
  }

  /** A value of the input's shape reduced over the same axes, which stay with size 1. */
  reduced(op: string, value: string): string {
    const axes = this.axes;
    if (axes?.length === 0) return value;
    return axes === undefined
      ? this.c.emit.op(op, [value, this.c.input(1)], { keepdims: 1, noop_with_empty_axes: this.noop })
      : this.c.emit.op(op, [value, this.c.emit.ints(axes)], { keepdims: 1 });
  }

  /** The gradient times a number, repeated along the axes. */
  repeated(factor = 1): string | undefined {
    const { c, x, axes } = this;
    const keeps = intOf(c.node, 'keepdims', 1) === 1;
    return axes && c.emit.repeatLike(c.gradient, axes, x, factor, keeps ? undefined : () => this.gradient);
  }

  /** How many elements come together in one, where that is known. */
  get size(): number | undefined {
    const dims = this.c.dims(this.x);
    const sizes = this.axes?.map((axis) => dims[axis]!);
    return sizes?.every((size) => typeof size === 'number')
      ? sizes.reduce((product, size) => product * size, 1)
      : undefined;
  }

  /** How many elements come together in one: a scalar of the input's type. */
  get count(): string {
    const { c, x } = this;
    if (this.size !== undefined) return c.emit.number(this.size, x);
    const size = (value: string) => c.emit.op('Size', [value]);
    return c.emit.cast(c.emit.div(size(x), size(c.output())), c.elementType(x));
  }

  /** The axes, counted from the front; undefined where they are computed when the graph runs. */
  private get axes(): readonly number[] | undefined {
    const { c } = this;
    const rank = c.dims(this.x).length;
    const all = Array.from({ length: rank }, (_, axis) => axis);
    const given = c.input(1) === '' ? [] : c.numbers(1);
    if (given?.length === 0) return this.noop ? [] : all;
    return given?.map((axis) => c.axis(axis, rank)).toSorted((a, b) => a - b);
  }

  private get noop(): boolean {
    return intOf(this.c.node, 'noop_with_empty_axes', 0) === 1;
  }

  private restored(value: string): string {
    if (intOf(this.c.node, 'keepdims', 1) === 1) return value;
    const { axes } = this;
    return axes ? this.c.emit.unsqueeze(value, axes) : this.c.emit.op('Unsqueeze', [value, this.c.input(1)]);
  }
}

/** A rule whose result has the input's shape. */
function elementwise(rule: (reduction: Reduction) => string): GradientRule {
  return (c) => [rule(new Reduction(c))];
}

/** A rule that gives every element of the input the same. */
function repeated(rule: (reduction: Reduction) => string): GradientRule {
  return (c) => [c.emit.expandLike(rule(new Reduction(c)), c.input(0))];
}

/** Equal extremes share the gradient. */
const extreme = elementwise((r) => {
  const { emit } = r.c;
  const chosen = emit.cast(emit.op('Equal', [r.x, r.result]), r.c.elementType(r.x));
  return emit.mul(chosen, emit.div(r.gradient, r.reduced('ReduceSum', chosen)));
});

/** The product of the others: by division where there is no zero, all but one of them where there is one. */
const product = elementwise((r) => {
  const { c, x } = r;
  const { emit } = c;
  const isZero = emit.op('Equal', [x, emit.number(0, x)]);
  const zeros = r.reduced('ReduceSum', emit.cast(isZero, c.elementType(x)));
  const filled = emit.op('Where', [isZero, emit.number(1, x), x]);
  const rest = r.reduced('ReduceProd', filled);
  const none = emit.where(emit.op('Equal', [zeros, emit.number(0, x)]), emit.div(rest, filled), x);
  const one = emit.where(emit.op('Equal', [zeros, emit.number(1, x)]), rest, x);
  return emit.mul(r.gradient, emit.op('Where', [isZero, one, none]));
});

const sum: GradientRule = (c) => {
  const r = new Reduction(c);
  return [r.repeated() ?? c.emit.expandLike(r.gradient, r.x)];
};

const mean: GradientRule = (c) => {
  const r = new Reduction(c);
  const known = r.size ? r.repeated(1 / r.size) : undefined;
  return [known ?? c.emit.expandLike(c.emit.div(r.gradient, r.count), r.x)];
};

/** The norm has no gradient at 0; 0 is one of its subgradients. */
const norm = elementwise((r) => {
  const { emit } = r.c;
  const isZero = emit.op('Equal', [r.result, emit.number(0, r.x)]);
  return emit.mul(emit.div(r.gradient, emit.op('Where', [isZero, emit.number(1, r.x), r.result])), r.x);
});

export const reduceRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: sum,
  ReduceMean: mean,
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceProd: product,
  ReduceL1: elementwise((r) => r.c.emit.mul(r.gradient, r.c.emit.op('Sign', [r.x]))),
  ReduceL2: norm,
  ReduceSumSquare: elementwise((r) => r.c.emit.mul(r.c.emit.scale(r.gradient, 2, r.x), r.x)),
  ReduceLogSum: repeated((r) => r.c.emit.div(r.gradient, r.reduced('ReduceSum', r.x))),
  ReduceLogSumExp: elementwise((r) => r.weighted(r.c.emit.op('Exp', [r.c.emit.sub(r.x, r.result)]))),
};
