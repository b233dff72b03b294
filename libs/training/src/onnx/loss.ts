import { type GraphBuilder, int64Vector, scalar } from '@rampart/onnx';

import type { CompleteTerm } from '../objective';

/** The least float32 above 0 that is not denormal: log of it is finite. */
const TINY = 1.1754944e-38;

/** Keeps the logarithm of the boosted cross-entropy finite where another class is certain. */
export const SMALL = 1e-6;

/** What a term compares: values of the graph. */
export interface Compared {
  readonly output: string;
  /** Rows of a view; or `logits` that the model gives for one. */
  readonly target: string | { readonly logits: string };
  /** The logits that say how unsure the model is, and the labels. */
  readonly doubt?: { readonly logits: string; readonly labels: string };
}

/** Appends the mean over the batch of one term's losses, before its weight; a scalar. */
export function termLoss(builder: GraphBuilder, term: CompleteTerm, compared: Compared): string {
  if (term.loss === 'mse') {
    const difference = builder.node('Sub', [compared.output, targetRows(builder, term, compared.target)]);
    return builder.node('ReduceMean', [builder.node('Mul', [difference, difference])], { keepdims: 0 });
  }
  let rows = rowLosses(builder, term, compared);
  if (compared.doubt) {
    const sure = probabilities(builder, compared.doubt.logits, compared.doubt.labels);
    rows = builder.node('Mul', [rows, builder.node('Sub', [builder.constant(scalar(1)), sure])]);
  }
  return builder.node('ReduceMean', [rows], { keepdims: 0 });
}

/** Appends the sum over the batch of what a penalty differentiates; a scalar. */
export function penalised(builder: GraphBuilder, term: CompleteTerm, { output, target }: Compared): string {
  const rows =
    term.loss === 'jacobian'
      ? rowSums(builder, builder.node('Mul', [output, target as string]))
      : rowLosses(builder, { ...term, loss: 'cross-entropy' }, { output, target });
  return builder.node('ReduceSum', [rows], { keepdims: 0 });
}

/** What a penalty differentiates by, and what becomes of the gradients. */
export interface Penalty {
  /** The values whose gradients are wanted. */
  readonly wrt: readonly string[];
  /** Appends the mean over the batch of what is penalised: a scalar. */
  readonly norm: (builder: GraphBuilder, gradients: readonly string[]) => string;
}

/** The squared norm of the gradient with respect to one value. */
export function squaredNorm(value: string): Penalty {
  return { wrt: [value], norm: (builder, [gradient]) => meanSquare(builder, gradient!) };
}

/** Appends the mean over the batch of the squared l2 norm of each row of a gradient. */
function meanSquare(builder: GraphBuilder, gradient: string): string {
  const flat = builder.node('Flatten', [gradient], { axis: 1 });
  return builder.node('ReduceMean', [rowSums(builder, builder.node('Mul', [flat, flat]))], { keepdims: 0 });
}

function rowLosses(builder: GraphBuilder, term: CompleteTerm, { output, target }: Compared): string {
  if (term.loss === 'boosted-cross-entropy') return boosted(builder, output, target as string);
  const logarithms = logSoftmax(builder, output, term.temperature);
  const rows = targetRows(builder, term, target);
  let compared = logarithms;
  if (term.loss === 'kl') {
    const own =
      typeof target === 'string'
        ? builder.node('Log', [builder.node('Max', [target, builder.constant(scalar(TINY))])])
        : logSoftmax(builder, target.logits, term.temperature);
    compared = builder.node('Sub', [logarithms, own]);
  }
  return builder.node('Neg', [rowSums(builder, builder.node('Mul', [rows, compared]))]);
}

function targetRows(builder: GraphBuilder, { loss, temperature }: CompleteTerm, target: Compared['target']): string {
  if (typeof target === 'string') return target;
  if (loss === 'mse') return target.logits;
  return builder.node('Softmax', [scaled(builder, target.logits, temperature)], { axis: -1 });
}

/** -log q_y - log(1 - max over j != y of q_j), times the sum of the labels' row. */
function boosted(builder: GraphBuilder, output: string, labels: string): string {
  const one = builder.constant(scalar(1));
  const hot = builder.node('Sign', [labels]);
  const softmax = builder.node('Softmax', [output], { axis: -1 });
  const others = builder.node('Mul', [softmax, builder.node('Sub', [one, hot])]);
  const [largest] = builder.node('TopK', [others, builder.constant(int64Vector([1]))], { axis: -1 }, { outputs: 2 });
  const rest = builder.node('Sub', [builder.constant(scalar(1 + SMALL)), rowSums(builder, largest!)]);
  const own = rowSums(builder, builder.node('Mul', [labels, logSoftmax(builder, output, 1)]));
  const weight = rowSums(builder, labels);
  return builder.node('Neg', [builder.node('Add', [own, builder.node('Mul', [weight, builder.node('Log', [rest])])])]);
}

/** The probability of each row's class. */
function probabilities(builder: GraphBuilder, logits: string, labels: string): string {
  const hot = builder.node('Sign', [labels]);
  return rowSums(builder, builder.node('Mul', [builder.node('Softmax', [logits], { axis: -1 }), hot]));
}

function logSoftmax(builder: GraphBuilder, logits: string, temperature: number): string {
  return builder.node('LogSoftmax', [scaled(builder, logits, temperature)], { axis: -1 });
}

function scaled(builder: GraphBuilder, logits: string, temperature: number): string {
  return temperature === 1 ? logits : builder.node('Mul', [logits, builder.constant(scalar(1 / temperature))]);
}

function rowSums(builder: GraphBuilder, values: string): string {
  return builder.node('ReduceSum', [values, builder.constant(int64Vector([-1]))], { keepdims: 0 });
}
