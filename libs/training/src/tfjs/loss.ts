import * as tf from '@tensorflow/tfjs-core';

import type { CompleteTerm } from '../objective';

/** The least float32 above 0 that is not denormal: log of it is finite. */
const TINY = 1.1754944e-38;

/** Keeps the logarithm of the boosted cross-entropy finite where another class is certain. */
const SMALL = 1e-6;

/** What a term compares. */
export interface Compared {
  readonly output: tf.Tensor;
  /** Rows of a view; or the logits that the model gives for one. */
  readonly target: tf.Tensor | { readonly logits: tf.Tensor };
  readonly doubt?: { readonly logits: tf.Tensor; readonly labels: tf.Tensor };
}

/** The mean over the batch of one term's losses, before its weight. */
export function termLoss(term: CompleteTerm, { output, target, doubt }: Compared): tf.Scalar {
  if (term.loss === 'mse') {
    return tf.mean(tf.square(tf.sub(output, target instanceof tf.Tensor ? target : target.logits)));
  }
  let rows = rowLosses(term, output, target);
  if (doubt) rows = tf.mul(rows, tf.sub(1, tf.sum(tf.mul(tf.softmax(doubt.logits, -1), tf.sign(doubt.labels)), -1)));
  return tf.mean(rows);
}

function rowLosses({ loss, temperature }: CompleteTerm, output: tf.Tensor, target: Compared['target']): tf.Tensor {
  const logarithms = tf.logSoftmax(tf.div(output, temperature), -1);
  if (target instanceof tf.Tensor) {
    const crossEntropy = tf.neg(tf.sum(tf.mul(target, logarithms), -1));
    if (loss === 'cross-entropy') return crossEntropy;
    if (loss === 'kl') return tf.add(crossEntropy, tf.sum(tf.mul(target, tf.log(tf.maximum(target, TINY))), -1));
    const others = tf.mul(tf.softmax(output, -1), tf.sub(1, tf.sign(target)));
    const rest = tf.log(tf.sub(1 + SMALL, tf.max(others, -1)));
    return tf.sub(crossEntropy, tf.mul(tf.sum(target, -1), rest));
  }
  const own = tf.logSoftmax(tf.div(target.logits, temperature), -1);
  const compared = loss === 'kl' ? tf.sub(logarithms, own) : logarithms;
  return tf.neg(tf.sum(tf.mul(tf.exp(own), compared), -1));
}

/** The sum over the batch of the cross-entropy with rows of probabilities. */
export function crossEntropySum(logits: tf.Tensor, target: tf.Tensor): tf.Scalar {
  return tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits, -1))));
}
