import { withOutputs } from '@rampart/onnx';

import type { PreparedModel } from '../classifier/prepare';

/** Why images of a batch may influence each other, and what helps. */
export interface BatchInfluence {
  readonly text: string;
  readonly remedy: string;
}

/** What is the matter with a model whose answers for an image depend on the others of its batch. */
export function batchInfluence({ model, logits }: Pick<PreparedModel, 'model' | 'logits'>): BatchInfluence {
  const text = 'images of a batch influence each other';
  const { nodes } = withOutputs(model, [logits]).graph;
  return nodes.some(({ op }) => op === 'DynamicQuantizeLinear')
    ? {
        text: `${text}, as their numbers are quantised by the range of all of them (DynamicQuantizeLinear)`,
        remedy: 'Quantise it with ranges that are fixed (statically), or take it before it is quantised',
      }
    : { text: `${text}, as in training mode`, remedy: 'Export it in evaluation mode' };
}
