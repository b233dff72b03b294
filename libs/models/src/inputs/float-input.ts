import { GraphBuilder, type Model } from '@rampart/onnx';

import { compose } from '../graph/compose';
import { asTaken } from './as-taken';

/**
 * The model with its one input as float32, which becomes the type that the file takes: rounded where that is one of whole
 * numbers. The input keeps its name.
 * @throws RampartError `bad-model` where the input is no number
 */
export function withFloatInput(model: Model): Model {
  const info = model.graph.inputs[0]!;
  if (info.type === 'float32') return model;
  const builder = new GraphBuilder();
  builder.output(asTaken(builder, builder.input(info.name, 'float32', info.dims), info));
  const front = builder.build('input');
  const graph = compose(front, model.graph, { from: front.outputs[0]!.name, to: info.name });
  return { ...model, graph: { ...graph, outputs: graph.outputs.slice(1) } };
}
