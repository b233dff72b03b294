import { GraphBuilder, int64Vector, scalar } from '@rampart/onnx';

import { rowSize, rowsOf, TINY } from './head';
import { answersOf, type LookOptions } from './inner-logits';
import type { PreparedModel } from './prepare';

/**
 * The model with log(p / sum p) as logits, for outputs p that are probabilities without a softmax at their end, such as
 * a mean of several. Undefined where they are none: negative for an image, or logits of a final softmax already.
 */
export async function withLogProbabilities(
  prepared: PreparedModel,
  options: LookOptions,
): Promise<PreparedModel | undefined> {
  const { types, model, output, classes, unwrapped } = prepared;
  const value = types.values.get(output)!;
  if (prepared.rejection || unwrapped !== 'none' || rowSize(value.dims) !== classes) return undefined;
  const builder = new GraphBuilder(model.graph);
  const rows = rowsOf(builder, output, { type: value.type, rank: value.dims.length });
  const tiny = builder.constant(scalar(TINY));
  const sum = builder.node('ReduceSum', [rows, builder.constant(int64Vector([1]))], { keepdims: 1 });
  const shares = builder.node('Div', [rows, builder.node('Max', [sum, tiny])]);
  const logits = builder.node('Log', [builder.node('Max', [shares, tiny])]);
  const graph = builder.build(model.graph.name);
  const answers = (await answersOf(prepared, { ...model, graph }, [rows], options)).get(rows)!;
  if (!answers.every((probability) => probability >= 0)) return undefined;
  return { ...prepared, model: { ...model, graph }, logits };
}
