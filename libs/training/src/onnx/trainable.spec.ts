import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel } from '@rampart/models';
import { float32Tensor, GraphBuilder, normalise, readModel, scalar } from '@rampart/onnx';

import { trainableInitializers } from './trainable';

const numbers = (...dims: number[]) => float32Tensor(dims, new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(1));

it('finds every weight of the own architectures, and nothing else', async () => {
  const shape = { channels: 1, height: 16, width: 16 };
  const file = await createModel('stacked', { shape, classes: 2, box: PUBLICATION_BOX, rng: Rng.root(1) });
  const layers = ['encoder', 'code', 'decoder', 'decoder-output', 'conv1', 'conv2', 'dense1', 'dense2', 'logits'];
  expect(trainableInitializers(normalise(readModel(file)).graph).sort()).toEqual(
    layers.flatMap((layer) => [`${layer}/bias`, `${layer}/kernel`]).sort(),
  );
});

it('leaves preprocessing, statistics and scalars as they are', () => {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', 3, 8, 8]);
  for (const name of ['mean', 'deviation']) builder.initializer(name, numbers(1, 3, 1, 1));
  builder.initializer('conv.weight', numbers(4, 3, 3, 3));
  for (const name of ['conv.bias', 'norm.weight', 'norm.bias', 'norm.mean', 'norm.variance']) {
    builder.initializer(name, numbers(4));
  }
  builder.initializer('slope', numbers(4, 1, 1));
  builder.initializer('scale', scalar(3));
  builder.initializer('dense.weight', numbers(2, 4 * 36));
  builder.initializer('dense.bias', numbers(2));
  const normal = builder.node('Div', [builder.node('Sub', ['x', 'mean']), 'deviation']);
  const convolved = builder.node('Conv', [normal, 'conv.weight', 'conv.bias']);
  const statistics = ['norm.weight', 'norm.bias', 'norm.mean', 'norm.variance'];
  const rectified = builder.node('PRelu', [builder.node('BatchNormalization', [convolved, ...statistics]), 'slope']);
  const flat = builder.node('Flatten', [builder.node('Mul', [rectified, 'scale'])]);
  const product = builder.node('MatMul', [flat, builder.node('Transpose', ['dense.weight'], { perm: [1, 0] })]);
  builder.output(builder.node('Add', [product, 'dense.bias']));
  expect(trainableInitializers(builder.build('swapped in'))).toEqual([
    'conv.weight',
    'conv.bias',
    'norm.weight',
    'norm.bias',
    'slope',
    'dense.weight',
    'dense.bias',
  ]);
});
