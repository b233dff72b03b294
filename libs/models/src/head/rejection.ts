import { RampartError } from '@rampart/core';
import { GraphBuilder, int64Vector, type Model } from '@rampart/onnx';

import type { Headed } from '../classifier/head';

/**
 * The metadata entry of a model that may reject a sample: `last` where the last column of its output is a class of its
 * own, which wins where the sample is rejected; `ignored` where that column is to count for nothing.
 */
const REJECTS = 'rampart.rejects';

/** The scores that a rejection is decided by: values of the graph. */
export interface Rejection {
  /** The model's output [batch, classes + 1]. */
  readonly scores: string;
  /** The scores of the classes [batch, classes], and that of a rejection [batch, 1]. */
  readonly classes: string;
  readonly rejected: string;
}

/** Whether a model may reject samples. */
export function isRejecting({ metadata }: Pick<Model, 'metadata'>): boolean {
  return metadata.get(REJECTS) === 'last';
}

/** The model with a note that the last column of its output stands for a rejection. */
export function asRejecting(model: Model): Model {
  return { ...model, metadata: new Map([...model.metadata, [REJECTS, 'last']]) };
}

/** The model with a note that whoever attacks it takes no heed of rejections. */
export function heedless(model: Model): Model {
  if (!isRejecting(model)) return model;
  return { ...model, metadata: new Map([...model.metadata, [REJECTS, 'ignored']]) };
}

/**
 * The head of a model that may reject samples: logits of the classes alone. Of a sample that is rejected all of them are
 * the score of the rejection, so that no class stands out: its margin is 0 whatever its label, which is no evasion. Of
 * others they are the model's.
 * @throws RampartError `bad-model` where the output has no two classes and a column for the rejection
 */
export function withRejection(headed: Headed): Headed {
  const note = headed.model.metadata.get(REJECTS);
  if (note === undefined) return headed;
  const classes = headed.classes - 1;
  if (classes < 2 || !['last', 'ignored'].includes(note)) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected the metadata entry "${REJECTS}" to be "last" or "ignored", and an output of two classes or more and a column for a rejection. Received "${note}" and ${headed.classes} columns.`,
    });
  }
  const builder = new GraphBuilder(headed.model.graph);
  const ints = (...values: number[]) => builder.constant(int64Vector(values));
  const columns = (from: number, to: number) => builder.node('Slice', [headed.logits, ints(from), ints(to), ints(1)]);
  const own = columns(0, classes);
  if (note === 'ignored') {
    return { ...headed, classes, logits: own, model: { ...headed.model, graph: builder.build('heedless') } };
  }
  const rejected = columns(classes, classes + 1);
  const largest = builder.node('ReduceMax', [own, ints(1)], { keepdims: 1 });
  const wins = builder.node('Greater', [rejected, largest]);
  const logits = builder.node('Where', [wins, rejected, own]);
  const rejection = { scores: headed.logits, classes: own, rejected };
  return { ...headed, classes, logits, rejection, model: { ...headed.model, graph: builder.build('rejecting') } };
}

/**
 * The rows [batch, classes] that losses are taken of. An attack wants a wrong class to win against both the label and the
 * rejection: the label's score is the larger of the two. One that aims at a class wants it to win against the others and
 * the rejection: theirs are.
 * @param mask the value [batch, classes], bool: true at each sample's label, or target
 */
export function contested(
  builder: GraphBuilder,
  { classes, rejected }: Rejection,
  { mask, aimed }: { readonly mask: string; readonly aimed: boolean },
): string {
  const guarded = builder.node('Max', [classes, rejected]);
  return builder.node('Where', aimed ? [mask, classes, guarded] : [mask, guarded, classes]);
}
