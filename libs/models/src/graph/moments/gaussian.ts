import { type GraphBuilder, scalar } from '@rampart/onnx';

/** Two values of a graph: the mean and the variance of each element of a random one. */
export interface Moments {
  readonly mean: string;
  readonly variance: string;
}

/** Added under square roots: a value without variance has a slope, too. */
const TINY = 1e-12;

/**
 * The moments of max(0, X), X Gaussian (Jin et al. 2015): with a = mean / deviation and m(a) = a Phi(a) +
 * phi(a), the mean is deviation m(a) and the variance that of X times Phi(a) - m(a) m(-a), which cancels nothing.
 */
export function rectified(builder: GraphBuilder, x: Moments): Moments {
  const { deviation, upper, above, below } = standardised(builder, x.mean, x.variance);
  const part = builder.node('Sub', [upper, builder.node('Mul', [above, below])]);
  return {
    mean: builder.node('Mul', [deviation, above]),
    variance: nonnegative(builder, builder.node('Mul', [x.variance, part])),
  };
}

/**
 * The moments of max(X, Y), X and Y independent and Gaussian (Clark 1961): with t^2 the sum of the variances and a the
 * difference of the means divided by t, the mean is that of Y plus t m(a), and the variance is var(X) Phi(a) + var(Y)
 * Phi(-a) - t^2 m(a) m(-a).
 */
export function larger(builder: GraphBuilder, x: Moments, y: Moments): Moments {
  const total = builder.node('Add', [x.variance, y.variance]);
  const { deviation, upper, lower, above, below } = standardised(builder, builder.node('Sub', [x.mean, y.mean]), total);
  const weighted = builder.node('Add', [
    builder.node('Mul', [x.variance, upper]),
    builder.node('Mul', [y.variance, lower]),
  ]);
  const shared = builder.node('Mul', [total, builder.node('Mul', [above, below])]);
  return {
    mean: builder.node('Add', [y.mean, builder.node('Mul', [deviation, above])]),
    variance: nonnegative(builder, builder.node('Sub', [weighted, shared])),
  };
}

/** What the moments of maxima are made of: the deviation; Phi(a), Phi(-a), m(a) and m(-a) for a = mean / deviation. */
function standardised(builder: GraphBuilder, mean: string, variance: string) {
  const number = (value: number) => builder.constant(scalar(value));
  const deviation = builder.node('Sqrt', [builder.node('Add', [variance, number(TINY)])]);
  const a = builder.node('Div', [mean, deviation]);
  const error = builder.node('Erf', [builder.node('Mul', [a, number(Math.SQRT1_2)])]);
  const upper = builder.node('Mul', [builder.node('Add', [number(1), error]), number(0.5)]);
  const lower = builder.node('Mul', [builder.node('Sub', [number(1), error]), number(0.5)]);
  const exponent = builder.node('Mul', [builder.node('Mul', [a, a]), number(-0.5)]);
  const density = builder.node('Mul', [builder.node('Exp', [exponent]), number(1 / Math.sqrt(2 * Math.PI))]);
  return {
    ...{ deviation, upper, lower },
    above: builder.node('Add', [builder.node('Mul', [a, upper]), density]),
    below: builder.node('Sub', [density, builder.node('Mul', [a, lower])]),
  };
}

/** Rounding may take a variance below 0. */
function nonnegative(builder: GraphBuilder, variance: string): string {
  return builder.node('Relu', [variance]);
}
