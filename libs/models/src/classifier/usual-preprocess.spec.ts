import { imageBatch, pixelBox } from '@rampart/core';
import { float32Tensor, type Model, Session } from '@rampart/onnx';

import { formatPreprocess, parsePreprocess, preprocessGraph } from './preprocess';
import { preprocessed, usualPreprocess } from './usual-preprocess';

const box = pixelBox(-0.5, 0.5);

describe('the usual preprocessing', () => {
  it('is in both orders of colours for three channels, mean and deviation turned along', () => {
    expect(usualPreprocess(1).every(({ order }) => order === undefined)).toBe(true);
    const texts = usualPreprocess(3).map(formatPreprocess);
    expect(texts).toContain('range=0..255 mean=103.939,116.779,123.68 order=bgr');
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each(usualPreprocess(3).map((preprocess) => [formatPreprocess(preprocess)]))(
    'is what the graph computes: %s',
    async (text) => {
      const preprocess = parsePreprocess(text);
      const shape = { channels: 3, height: 2, width: 1 };
      const data = Float32Array.of(-0.5, 0.5, 0, 0.25, -0.1, 0.4, 0.5, 0.1, -0.3, -0.2, 0.3, 0.45);
      const info = { name: 'x', type: 'float32', dims: ['n', 3, 2, 1] } as const;
      const graph = preprocessGraph(info, { preprocess, shape, box, layout: 'nchw' });
      const made = preprocessed(imageBatch(data, shape, box), preprocess);
      if (!graph) return expect(made).toEqual(data);
      const opsets = new Map([['', 17]]);
      const model: Model = { irVersion: 8, producer: '', opsets, metadata: new Map(), functions: [], graph };
      const session = await Session.open(model);
      const outputs = await session.run({ image: float32Tensor([2, 3, 2, 1], data) });
      const expected = outputs[graph.outputs[0]!.name]!.data as Float32Array;
      made.forEach((value, k) =>
        expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value))),
      );
      await session.dispose();
    },
  );
});
