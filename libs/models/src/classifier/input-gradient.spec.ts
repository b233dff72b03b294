import { PUBLICATION_BOX } from '@rampart/core';
import { float32Tensor, GraphBuilder, type Model } from '@rampart/onnx';

import { inputGradient } from './input-gradient';
import { openClassifier } from './open-classifier';

const WEIGHTS = Array.from({ length: 12 * 3 }, (_, i) => Math.cos(1 + 2 * i));

/** tanh of a linear map of rows of 12 features, at one batch size or any. */
function network(batch: number | string): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', [batch, 12]);
  const product = builder.node('MatMul', ['x', builder.constant(float32Tensor([12, 3], WEIGHTS))]);
  builder.output(builder.node('Tanh', [product]), 'float32', [batch, 3]);
  const graph = builder.build('rows');
  return { irVersion: 9, opsets: new Map([['', 18]]), producer: 'spec', metadata: new Map(), graph, functions: [] };
}

const ROWS = 5;
const data = Float32Array.from({ length: ROWS * 12 }, (_, i) => Math.sin(i) / 2);
const labels = Int32Array.of(0, 1, 2, 1, 0);
const rivals = Int32Array.of(1, 2, 0, 0, 2);
const input = { shape: [ROWS, 12], data };

describe('inputGradient', () => {
  it.each(['margin', 'cross-entropy', 'difference', 'dlr', 'targeted-dlr'] as const)(
    'is that of the classifier: %s, at any batch size',
    async (loss) => {
      const classifier = await openClassifier(network('n'), { box: PUBLICATION_BOX });
      const expected = await classifier.lossGradient(data, labels, loss, rivals);
      await classifier.dispose();
      for (const batch of ['n', 1, 2, 5]) {
        const { gradient, losses, classes } = await inputGradient(network(batch), { input, labels, loss, rivals });
        expect(classes).toBe(3);
        gradient.forEach((value, i) => expect(value).toBeCloseTo(expected.gradient[i]!, 5));
        losses.forEach((value, i) => expect(value).toBeCloseTo(expected.losses[i]!, 5));
      }
    },
  );

  it.each([
    ['too few features', { input: { shape: [10, 6], data }, labels }, /\[n, 12\].*\[10, 6\]/],
    [
      'no rows',
      { input: { shape: [0, 12], data: new Float32Array(0) }, labels: new Int32Array(0) },
      /one or more rows/,
    ],
    ['too few labels', { input, labels: Int32Array.of(1) }, /one label for each of 5/],
    ['a label that is no class', { input, labels: Int32Array.of(0, 1, 2, 3, 0) }, /Received 3 at index 3/],
  ])('refuses %s', async (_what, options, message) => {
    await expect(inputGradient(network('n'), { ...options, loss: 'margin' })).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(message),
    });
  });
});
