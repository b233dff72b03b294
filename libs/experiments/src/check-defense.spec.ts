import { defenses } from '@rampart/defenses';
import { asRejecting } from '@rampart/models';
import { float32Tensor, GraphBuilder, type Model, writeModel } from '@rampart/onnx';

import { checkTrainable } from './check-trainable';
import type { TakenModel } from './model-file';

/** A network of one layer and an activation. */
function network(activation: string, columns = 2): Model {
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', 1, 1, 2]);
  const flat = builder.node('Flatten', ['input'], { axis: 1 });
  const weights = builder.initializer('weights', float32Tensor([2, columns], new Float32Array(2 * columns).fill(0.5)));
  builder.node(activation, [builder.node('MatMul', [flat, weights])], {}, { outputs: ['logits'] });
  builder.output('logits', 'float32', ['batch', columns]);
  const graph = builder.build(activation);
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: 'test', metadata: new Map(), functions: [], graph };
}

const check = (name: string, model: Model) =>
  checkTrainable({ defenses: [defenses.resolve({ name, params: {} })] } as never, 'model.onnx', {
    model: writeModel(model),
    batch: undefined,
  } as TakenModel);

it('asks each defense whether it can be built around a file, before anything runs', () => {
  expect(() => check('jin', network('Relu'))).not.toThrow();
  expect(() => check('jin', network('Tanh'))).toThrow(/operator Tanh, which makes "logits", has no rule/);
  expect(() => check('deep-contractive', network('Tanh'))).not.toThrow();
  expect(() => check('magnet', network('Relu'))).not.toThrow();
  expect(() => check('randomised-smoothing', network('Relu'))).not.toThrow();
  expect(() => check('randomised-smoothing', asRejecting(network('Relu', 3)))).toThrow(
    /Received one that rejects some/,
  );
  expect(() => check('magnet', asRejecting(network('Relu', 3)))).toThrow(/one that rejects some already/);
});
