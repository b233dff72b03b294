import { type LayerRule, unary } from '../layer-rule';
import { rowOrder } from '../permutation';
import { activate } from './activation';

export const denseRules: Readonly<Record<string, LayerRule>> = {
  Dense: unary((input, context) => {
    const [features] = input.shape;
    if (input.shape.length !== 1 || !features) {
      throw context.unsupported(
        `it is applied to shape [${input.shape.join(', ')}], expected a flat one: put a flatten layer before it`,
      );
    }
    const units = context.number('units');
    // The rows are permuted instead of the features: a flattened image costs nothing to read in ONNX's order.
    const kernel = context.weight(0, 'kernel', [features, units], rowOrder(input.order, units));
    const options = { name: context.layer.name };
    const result =
      context.config['useBias'] === false
        ? context.graph.node('MatMul', [input.name, kernel], {}, options)
        : context.graph.node('Gemm', [input.name, kernel, context.weight(1, 'bias', [units])], {}, options);
    return { name: activate(result, context) };
  }),
};
