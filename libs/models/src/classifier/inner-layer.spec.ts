import { type DifferentiableClassifier, featureCount, PUBLICATION_BOX, Rng } from '@rampart/core';
import { float32Tensor, float64Tensor, GraphBuilder, type Model, readModel, writeModel } from '@rampart/onnx';
import { derivativeDisagreement } from '@rampart/testing';

import { createModel } from '../layers-model';
import { stack } from '../stack';
import { findLayer } from './inner-layer';
import { openClassifier, openVerifier } from './open-classifier';
import { noteGradient } from './gradient-note';
import { openForAttack } from './open-for-attack';
import { prepareModel } from './prepare';

const rng = Rng.root('inner layers');
const weights = (...dims: number[]) =>
  float32Tensor(
    dims,
    Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => rng.normal() / 2),
  );

const ROWS = { fixed: 3, free: 'n' } as const;

/** A convolution that is pooled, two products and a head; its values have names. */
function network(batch: number | string = ROWS.free, finish = 'Softmax'): Model {
  const builder = new GraphBuilder();
  const node = (name: string, op: string, inputs: readonly string[], attributes = {}) =>
    builder.node(op, inputs, attributes, { outputs: [name] });
  builder.input('x', 'float32', [batch, 1, 16, 16]);
  builder.initializer('filters', weights(4, 1, 5, 5));
  builder.initializer('first', weights(144, 8));
  builder.initializer('second', weights(8, finish === 'Sigmoid' ? 1 : 4));
  node('planes', 'Conv', ['x', 'filters']);
  node('rectified', 'Relu', ['planes']);
  node('pooled', 'MaxPool', ['rectified'], { kernel_shape: [2, 2], strides: [2, 2] });
  node('flat', 'Flatten', ['pooled'], { axis: 1 });
  node('product', 'MatMul', ['flat', 'first']);
  node('wide', 'Cast', ['product'], { to: 11 });
  builder.initializer(
    'bias',
    float64Tensor(
      [8],
      [1, 2, 3, 4, 5, 6, 7, 8].map((value) => value / 8),
    ),
  );
  node('moved', 'Add', ['wide', 'bias']);
  node('narrow', 'Cast', ['moved'], { to: 1 });
  node('embedding', 'Tanh', ['narrow']);
  node('logits', 'MatMul', ['embedding', 'second']);
  node('out', finish, ['logits']);
  builder.output('out', 'float32', [batch, finish === 'Sigmoid' ? 1 : 4]);
  const graph = builder.build('named');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: 'spec', metadata: new Map(), graph, functions: [] };
}

const COUNT = 5;
const images = Float32Array.from({ length: COUNT * 256 }, () => rng.uniform() - 0.5);

async function disagreement(classifier: DifferentiableClassifier, layer?: string) {
  const { inner, innerGradient } = classifier;
  const values = await inner!(images, layer);
  const size = values.length / COUNT;
  const guides = values.map((value, k) => value / 2 + Math.sin(k) / 8);
  const away = (row: Float32Array, image: number): number =>
    row.reduce((sum, value, k) => sum + (value - guides[image * size + k]!) ** 2, 0);
  const { losses, gradient, logits } = await innerGradient!(images, guides, layer);
  expect(logits).toEqual(await classifier.logits(images));
  losses.forEach((loss, i) => {
    expect(loss / away(values.subarray(i * size, (i + 1) * size), i)).toBeCloseTo(1, 4);
  });
  const near = async (points: Float32Array, i: number) => {
    const found = await inner!(points, layer);
    return Array.from({ length: found.length / size }, (_, row) =>
      away(found.subarray(row * size, (row + 1) * size), i),
    );
  };
  const batch = { data: images, count: COUNT, shape: classifier.shape, box: PUBLICATION_BOX };
  return { size, found: await derivativeDisagreement(batch, gradient, near, 0.05) };
}

describe('an inner layer', () => {
  it.each([
    ['x', 256],
    ['planes', 4 * 144],
    ['rectified', 4 * 144],
    ['pooled', 144],
    ['flat', 144],
    ['moved', 8],
    ['embedding', 8],
    ['logits', 4],
    ['out', 4],
  ])('%s has its values and the gradient of their distance from guides', async (layer, size) => {
    for (const batch of [ROWS.free, ROWS.fixed]) {
      const classifier = await openClassifier(network(batch));
      expect(await disagreement(classifier, layer)).toEqual({ size, found: undefined });
      await classifier.dispose();
    }
  });

  it('is the input of the last linear layer where nothing is said, whatever the head', async () => {
    for (const finish of ['Softmax', 'Sigmoid', 'Identity']) {
      const classifier = await openClassifier(network(ROWS.free, finish));
      const { inner, innerGradient } = classifier;
      const values = await inner!(images);
      expect(values).toEqual(await inner!(images, 'embedding'));
      const guides = values.map((value) => -value);
      expect(await innerGradient!(images, guides)).toEqual(await innerGradient!(images, guides, 'embedding'));
      await classifier.dispose();
    }
  });

  it('is found through a stack, and where the last layer is a convolution', async () => {
    const shape = { channels: 1, height: 16, width: 16 };
    const front = await createModel('autoencoder', { shape, classes: 4, box: PUBLICATION_BOX, rng: Rng.root(1) });
    const { name, size } = findLayer(await prepareModel(await stack(front, writeModel(network()))));
    expect([name, size]).toEqual(['embedding', 8]);

    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['n', 1, 16, 16]);
    builder.initializer('scale', weights(16, 16));
    builder.initializer('filters', weights(3, 1, 1, 1));
    builder.node('MatMul', ['x', 'scale'], {}, { outputs: ['scaled'] });
    builder.node('Conv', ['scaled', 'filters'], {}, { outputs: ['maps'] });
    builder.output(builder.node('Flatten', [builder.node('GlobalAveragePool', ['maps'])], { axis: 1 }));
    expect(findLayer(await prepareModel({ ...network(), graph: builder.build('squeeze') })).name).toBe('scaled');
  });

  it('has to be a value with a row a sample: others are named', async () => {
    const classifier = await openClassifier(network());
    const known = 'x, planes, rectified, pooled, flat, product, wide, moved, narrow, embedding, logits, out';
    await expect(classifier.inner!(images, 'embeding')).rejects.toMatchObject({
      code: 'usage',
      message: `Unknown inner layer "embeding". Did you mean "embedding"? Known: ${known}.`,
    });
    await expect(classifier.innerGradient!(images, images, 'first')).rejects.toMatchObject({ code: 'usage' });
    await expect(classifier.innerGradient!(images, new Float32Array(3))).rejects.toMatchObject({
      code: 'bad-data',
      message: 'Expected 8 values of the inner layer "embedding" for each of 5 images. Received 3 values.',
    });
    await classifier.dispose();
  });

  it('has to be named where there is no linear layer', async () => {
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['n', 1, 1, 3]);
    builder.output(builder.node('Tanh', [builder.node('Flatten', ['x'], { axis: 1 })], {}, { name: 'z' }));
    const classifier = await openClassifier({ ...network(), graph: builder.build('pointwise') });
    await expect(classifier.inner!(new Float32Array(3))).rejects.toMatchObject({
      code: 'usage',
      message: 'The model has no linear layer whose input could be taken. Name a value. Known: x, Flatten, z.',
    });
    expect(await classifier.inner!(Float32Array.of(0, 1, 2), 'x')).toEqual(Float32Array.of(0, 1, 2));
  });

  it('is nothing that a model with estimated gradients, or a verifier, tells', async () => {
    const shape = { channels: 1, height: 16, width: 16 };
    const file = await createModel('lenet5', { shape, classes: 2, box: PUBLICATION_BOX, rng: Rng.root(1) });
    const estimated = await openForAttack(noteGradient(file, { samples: 2, radius: 0.1 }));
    expect([estimated.inner, estimated.innerGradient]).toEqual([undefined, undefined]);
    expect(await openVerifier(file)).not.toHaveProperty('lossGradient');
    expect(featureCount((await openClassifier(readModel(file))).shape)).toBe(256);
  });
});
