import { RampartError } from '@rampart/core';
import { GraphBuilder, int64Vector, scalar } from '@rampart/onnx';

import type { Headed } from '../classifier/head';

/** How the logarithm of a probability is written that decides at a half. */
const LOG_HALF = Math.log(0.5);

/**
 * A head of labels of which any may hold at once, as one of classes: the first one that every label of the sample is
 * right, with the logit 0, and one for each label that it is wrong, with the logit -m. Here m is the label's score z
 * where it holds and -z where it does not, 0 being where it is decided: a probability of a half.
 *
 * So a sample is right where each of its labels is (subset accuracy); the margin is that of the label which is nearest to
 * being wrong, min m; the difference to a class is the margin of one label; and the cross-entropy is log(1 + sum exp -m),
 * the softmax loss of label sets (Su et al. 2022, ZLPR, with one threshold for all).
 * @param holds the value [batch, labels], bool, that says which labels of each sample hold
 * @throws RampartError `bad-model` where the head is of exclusive classes, or of another number of labels
 */
export function ofLabelSets(headed: Headed, holds: string, labels: readonly string[]): Headed {
  const { kind, output, columns } = headed;
  if (kind !== 'sigmoid' && kind !== 'logits') throw exclusive(output, kind);
  if (columns !== labels.length) throw otherCount(headed, labels);
  const builder = new GraphBuilder(headed.model.graph);
  const decided =
    headed.unwrapped === 'logarithms'
      ? builder.node('Sub', [headed.logits, builder.constant(scalar(LOG_HALF))])
      : headed.logits;
  const wrong = builder.node('Where', [holds, builder.node('Neg', [decided]), decided]);
  const logits = builder.node('Pad', [wrong, builder.constant(int64Vector([0, 1, 0, 0]))]);
  const model = { ...headed.model, graph: builder.build(headed.model.graph.name) };
  return { ...headed, model, logits, classes: labels.length + 1 };
}

function exclusive(output: string, kind: Headed['kind']): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `Expected a head that gives each label a score by itself, as the data have sets of labels. Received "${output}", ${kind === 'hard-labels' ? 'hard labels' : 'probabilities of exclusive classes'}. Give the data one class a sample, or export the model with its sigmoids or the scores before them.`,
  });
}

function otherCount({ output, columns }: Headed, labels: readonly string[]): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `Expected a model of ${labels.length} labels, as the data's sets have: ${labels.slice(0, 12).join(', ')}. Received "${output}" of ${columns}.`,
  });
}
