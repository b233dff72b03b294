import * as tf from '@tensorflow/tfjs-core';

import type { ObjectiveTerm } from '../objective';

/** The least float32 above 0 that is not denormal: log of it is finite. */
const TINY = 1.1754944e-38;

/** The mean over the batch of one term's losses, before its weight. */
export function termLoss(term: Required<ObjectiveTerm>, output: tf.Tensor, target: tf.Tensor): tf.Scalar {
  if (term.loss === 'mse') return tf.mean(tf.square(tf.sub(output, target)));
  const logarithms = tf.logSoftmax(tf.div(output, term.temperature), -1);
  const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(target, logarithms), -1))) as tf.Scalar;
  if (term.loss === 'cross-entropy') return crossEntropy;
  const negativeEntropy = tf.mean(tf.sum(tf.mul(target, tf.log(tf.maximum(target, TINY))), -1));
  return tf.add(crossEntropy, negativeEntropy);
}
