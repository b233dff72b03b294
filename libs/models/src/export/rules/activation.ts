import { float, type GraphBuilder, scalar } from '@rampart/onnx';

import { type ExportedValue, type LayerContext, type LayerRule, unary } from '../layer-rule';

type Activation = (graph: GraphBuilder, x: string, rank: number) => string;

/** tfjs's activations by the names that its configurations use. Softmax is over tfjs's last axis: ONNX's axis 1. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: (_graph, x) => x,
  relu: (graph, x) => graph.node('Relu', [x]),
  relu6: (graph, x) => graph.node('Clip', [x, graph.constant(scalar(0)), graph.constant(scalar(6))]),
  sigmoid: (graph, x) => graph.node('Sigmoid', [x]),
  tanh: (graph, x) => graph.node('Tanh', [x]),
  softmax: (graph, x) => graph.node('Softmax', [x], { axis: 1 }),
  logSoftmax: (graph, x) => graph.node('LogSoftmax', [x], { axis: 1 }),
  elu: (graph, x) => graph.node('Elu', [x]),
  selu: (graph, x) => graph.node('Selu', [x]),
  softplus: (graph, x) => graph.node('Softplus', [x]),
  softsign: (graph, x) => graph.node('Softsign', [x]),
  hardSigmoid: (graph, x) => graph.node('HardSigmoid', [x], { alpha: float(0.2), beta: float(0.5) }),
  swish: (graph, x) => graph.node('Mul', [x, graph.node('Sigmoid', [x])]),
  mish: (graph, x) => graph.node('Mul', [x, graph.node('Tanh', [graph.node('Softplus', [x])])]),
};

/** Applies the activation that a layer's configuration names. */
export function activate(x: string, context: LayerContext): string {
  const name = activationName(context);
  const activation = ACTIVATIONS[name];
  if (!activation) {
    throw context.unsupported(
      `its activation is "${name}", expected one of ${Object.keys(ACTIVATIONS).sort().join(', ')}`,
    );
  }
  return activation(context.graph, x, context.layer.outputShape.length);
}

function activationName({ config }: LayerContext): string {
  const value = config['activation'];
  if (value === undefined || value === null) return 'linear';
  const name = typeof value === 'string' ? value : String((value as { className?: unknown }).className);
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

const keepOrder = (input: ExportedValue, name: string) => ({ ...input, name });

export const activationRules: Readonly<Record<string, LayerRule>> = {
  Activation: unary((input, context) => keepOrder(input, activate(input.name, context))),
  ReLU: unary((input, { graph, config }) => {
    const rectified = graph.node('Relu', [input.name]);
    const limit = config['maxValue'];
    if (typeof limit !== 'number') return keepOrder(input, rectified);
    return keepOrder(input, graph.node('Min', [rectified, graph.constant(scalar(limit))]));
  }),
  LeakyReLU: unary((input, context) =>
    keepOrder(input, context.graph.node('LeakyRelu', [input.name], { alpha: float(context.number('alpha')) })),
  ),
  ELU: unary((input, context) =>
    keepOrder(input, context.graph.node('Elu', [input.name], { alpha: float(context.number('alpha')) })),
  ),
  Softmax: unary((input, context) => {
    const axis = context.number('axis');
    if (axis !== -1 && axis !== input.shape.length) throw context.unsupported('its axis is not the last one');
    return keepOrder(input, context.graph.node('Softmax', [input.name], { axis: 1 }));
  }),
};
