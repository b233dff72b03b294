import { type GraphBuilder, int64Vector, scalar } from '@rampart/onnx';

import type { ObjectiveTerm } from '../objective';

/** The least float32 above 0 that is not denormal: log of it is finite. */
const TINY = 1.1754944e-38;

/** Appends the mean over the batch of one term's losses, before its weight; a scalar. */
export function termLoss(
  builder: GraphBuilder,
  { loss, temperature }: Required<ObjectiveTerm>,
  output: string,
  target: string,
): string {
  if (loss === 'mse') {
    const difference = builder.node('Sub', [output, target]);
    return builder.node('ReduceMean', [builder.node('Mul', [difference, difference])], { keepdims: 0 });
  }
  const scaled = temperature === 1 ? output : builder.node('Mul', [output, builder.constant(scalar(1 / temperature))]);
  const logarithms = builder.node('LogSoftmax', [scaled], { axis: -1 });
  let compared = logarithms;
  if (loss === 'kl') {
    const positive = builder.node('Max', [target, builder.constant(scalar(TINY))]);
    compared = builder.node('Sub', [logarithms, builder.node('Log', [positive])]);
  }
  const rows = builder.node(
    'ReduceSum',
    [builder.node('Mul', [target, compared]), builder.constant(int64Vector([-1]))],
    {
      keepdims: 0,
    },
  );
  return builder.node('Neg', [builder.node('ReduceMean', [rows], { keepdims: 0 })]);
}
