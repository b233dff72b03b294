import { float, scalar } from '@rampart/onnx';

import { type ExportedValue, type LayerContext, type LayerRule, unary } from '../layer-rule';
import { inTfjsOrder } from './shape';

/** The inputs of a layer that combines them element by element, all in the same order. */
function aligned(inputs: readonly ExportedValue[], context: LayerContext): readonly ExportedValue[] {
  const [first] = inputs;
  if (!first || inputs.some(({ shape }) => shape.join() !== first.shape.join())) {
    throw context.unsupported('its inputs differ in shape');
  }
  if (inputs.every(({ order }) => order === first.order)) return inputs;
  return inputs.map((input) => ({ shape: input.shape, name: inTfjsOrder(input, context.graph) }));
}

function elementwise(combine: (context: LayerContext, names: readonly string[]) => string): LayerRule {
  return (inputs, context) => {
    const operands = aligned(inputs, context);
    return {
      ...operands[0]!,
      name: combine(
        context,
        operands.map(({ name }) => name),
      ),
    };
  };
}

const fold = (op: string) =>
  elementwise(({ graph }, names) => names.reduce((left, right) => graph.node(op, [left, right])));

export const arithmeticRules: Readonly<Record<string, LayerRule>> = {
  Add: fold('Add'),
  Subtract: fold('Sub'),
  Multiply: fold('Mul'),
  Maximum: elementwise(({ graph }, names) => graph.node('Max', names)),
  Minimum: elementwise(({ graph }, names) => graph.node('Min', names)),
  Average: elementwise(({ graph }, names) => {
    const sum = names.reduce((left, right) => graph.node('Add', [left, right]));
    return graph.node('Mul', [sum, graph.constant(scalar(1 / names.length))]);
  }),

  Concatenate: (inputs, context) => {
    const rank = (inputs[0]?.shape.length ?? 0) + 1;
    const axis = context.number('axis');
    if (axis !== -1 && axis !== rank - 1) throw context.unsupported('it does not join along the last axis');
    // Images are joined by channels, which ONNX has at axis 1 as well.
    const names =
      rank === 2 ? inputs.map((input) => inTfjsOrder(input, context.graph)) : inputs.map(({ name }) => name);
    return { name: context.graph.node('Concat', names, { axis: 1 }) };
  },

  Rescaling: unary((input, context) => {
    const { graph } = context;
    const scaled = graph.node('Mul', [input.name, graph.constant(scalar(context.number('scale')))]);
    return { ...input, name: graph.node('Add', [scaled, graph.constant(scalar(context.number('offset')))]) };
  }),

  BatchNormalization: unary((input, context) => {
    const rank = input.shape.length + 1;
    const axis = context.number('axis');
    if (axis !== -1 && axis !== rank - 1) throw context.unsupported('it does not normalise over the last axis');
    const channels = input.shape[input.shape.length - 1]!;
    let at = 0;
    const parameter = (present: boolean, suffix: string, otherwise: number) =>
      present
        ? context.weight(at++, suffix, [channels], input.order)
        : context.constant(Array.from({ length: channels }, () => otherwise));
    const scale = parameter(context.config['scale'] !== false, 'gamma', 1);
    const bias = parameter(context.config['center'] !== false, 'beta', 0);
    const mean = parameter(true, 'moving_mean', 0);
    const variance = parameter(true, 'moving_variance', 1);
    const name = context.graph.node(
      'BatchNormalization',
      [input.name, scale, bias, mean, variance],
      { epsilon: float(context.number('epsilon')) },
      { name: context.layer.name },
    );
    return { ...input, name };
  }),
};
