import { pixelBox } from '@rampart/core';
import { float32Tensor, GraphBuilder, type Model, scalar } from '@rampart/onnx';

import { openClassifier, openVerifier } from '../classifier/open-classifier';

const BOX = pixelBox(0, 1);
const weights = Float32Array.from({ length: 12 * 3 }, (_, i) => Math.sin(i));
const images = Float32Array.from({ length: 5 * 12 }, (_, i) => (i % 7) / 7);

type Builder = GraphBuilder;

/** A linear model of images with something random in front. */
function model(noise: (b: Builder, x: string) => string): Model {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['n', 1, 3, 4]);
  const flat = b.node('Flatten', [noise(b, x)], { axis: 1 });
  b.output(b.node('MatMul', [flat, b.constant(float32Tensor([12, 3], weights))]), 'float32', ['n', 3]);
  const opsets = new Map([['', 18]]);
  return { irVersion: 9, opsets, producer: '', metadata: new Map(), graph: b.build('noisy'), functions: [] };
}

const NOISY: Readonly<Record<string, (b: Builder, x: string) => string>> = {
  RandomNormalLike: (b, x) => b.node('Add', [x, b.node('RandomNormalLike', [x])]),
  RandomUniformLike: (b, x) => b.node('Add', [x, b.node('RandomUniformLike', [x])]),
  Bernoulli: (b, x) => b.node('Bernoulli', [x]),
  Dropout: (b, x) =>
    b.node('Dropout', [x, b.constant(scalar(0.5)), b.constant({ type: 'bool', dims: [], data: Uint8Array.of(1) })]),
};

describe.each(Object.entries(NOISY))('a model that draws by %s', (_name, noise) => {
  const draws = async (open: typeof openVerifier = openVerifier) => {
    const opened = await open(model(noise), { box: BOX });
    const drawn = [await opened.logits(images), await opened.logits(images)];
    await opened.dispose();
    return drawn;
  };

  it('draws on from run to run, and the same again where it is opened anew', async () => {
    const [first, second] = await draws();
    expect(second).not.toEqual(first);
    expect(await draws()).toEqual([first, second]);
  });

  it('draws other numbers for an attacker than for who judges', async () => {
    const [judged] = await draws();
    for (const asked of await draws(openClassifier)) expect(asked).not.toEqual(judged);
  });

  it('has gradients that are the same again, too', async () => {
    const gradients = async () => {
      const opened = await openClassifier(model(noise), { box: BOX });
      const { logits } = await opened.lossGradient(images, new Int32Array(5), 'margin');
      await opened.dispose();
      return logits;
    };
    expect(await gradients()).toEqual(await gradients());
  });
});

it('a seed that the file sets is kept', async () => {
  const seeded = model((b, x) =>
    b.node('Add', [x, b.node('RandomNormalLike', [x], { seed: { type: 'float', value: 7 } })]),
  );
  const [judge, attacker] = [await openVerifier(seeded, { box: BOX }), await openClassifier(seeded, { box: BOX })];
  expect(await judge.logits(images)).toEqual(await attacker.logits(images));
  await judge.dispose();
  await attacker.dispose();
});
