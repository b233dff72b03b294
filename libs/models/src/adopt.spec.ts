import { type ImageShape, pixelBox, PUBLICATION_BOX, Rng } from '@rampart/core';
import { float32Tensor, GraphBuilder, type Model, readModel, Session, type Tensor, writeModel } from '@rampart/onnx';

import { adoptModel, restoreModel } from './adopt';
import { cardOf } from './card-of';
import { openVerifier } from './classifier/open-classifier';
import type { PrepareOptions } from './classifier/prepare';
import { parsePreprocess } from './classifier/preprocess';
import { withWeights } from './graph/weights';
import { createModel } from './layers-model';
import { stack } from './stack';

const SHAPE: ImageShape = { channels: 3, height: 4, width: 5 };
const FEATURES = 60;
const COUNT = 3;
const rng = Rng.root('adopted');

const draw = (dims: number[]) =>
  float32Tensor(
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => rng.normal() / 4),
  );

/** A file of another maker that ends in Softmax and whose names are those that the own models use. */
function foreign(dims: readonly (number | string)[]): Uint8Array {
  const builder = new GraphBuilder();
  builder.input('pixels', 'float32', dims);
  builder.node('Flatten', ['pixels'], {}, { outputs: ['input'] });
  builder.initializer('encoder/kernel', draw([FEATURES, 7]));
  builder.node('Constant', [], { value: draw([7, 4]) }, { outputs: ['head'] });
  builder.node(
    'MatMul',
    [builder.node('Relu', [builder.node('MatMul', ['input', 'encoder/kernel'])]), 'head'],
    {},
    { outputs: ['scores'] },
  );
  builder.node('Softmax', ['scores'], {}, { outputs: ['logits'] });
  builder.output('logits', 'float32', ['n', 4]);
  const model: Model = {
    irVersion: 8,
    opsets: new Map([['', 13]]),
    producer: 'elsewhere',
    metadata: new Map([['author', 'somebody']]),
    graph: builder.build('foreign'),
    functions: [],
  };
  return writeModel(model);
}

const cases: readonly [string, readonly (number | string)[], PrepareOptions][] = [
  ['without preprocessing', ['n', 3, 4, 5], {}],
  [
    'with channels last, its own range and normalisation',
    ['n', 4, 5, 3],
    { shape: SHAPE, box: pixelBox(0, 1), preprocess: parsePreprocess('range=0..255 mean=120,110,100 std=50,60,70') },
  ],
  ['that takes images flat', ['n', FEATURES], { shape: SHAPE, preprocess: parsePreprocess('range=-1..1 layout=nhwc') }],
];

async function logits(bytes: Uint8Array, images: Float32Array, options: PrepareOptions = {}): Promise<Float32Array> {
  const verifier = await openVerifier(bytes, options);
  try {
    return await verifier.logits(images);
  } finally {
    await verifier.dispose();
  }
}

function expectClose(received: Float32Array, expected: Float32Array): void {
  expect(received).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(received[i]! - value)).toBeLessThanOrEqual(2e-5));
}

describe.each(cases)('a file %s', (_what, dims, options) => {
  const box = options.box ?? PUBLICATION_BOX;
  const images = Float32Array.from({ length: COUNT * FEATURES }, () => box.min + (box.max - box.min) * rng.uniform());

  it('is adopted: the same logits from the form of the own models', async () => {
    const original = foreign(dims);
    const adopted = await adoptModel(original, options);
    expectClose(await logits(adopted, images), await logits(original, images, options));
    const { graph } = readModel(adopted);
    expect(graph.inputs).toEqual([{ name: 'input', type: 'float32', dims: ['n', 3, 4, 5] }]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['logits']);
    expect(cardOf(adopted)).toEqual({ shape: SHAPE, box, classes: 4 });
  });

  it('is restored with its names and the new weights', async () => {
    const original = foreign(dims);
    const adopted = readModel(await adoptModel(original, options));
    const trained = new Map<string, Tensor>(
      ['encoder/kernel', 'head'].map((name) => [name, draw([...adopted.graph.initializers.get(name)!.dims])]),
    );
    const hardened = writeModel(withWeights(adopted, trained));
    const restored = await restoreModel(original, hardened, { ...options, metadata: { 'rampart.lineage': 'rad' } });

    expectClose(await logits(restored, images, options), await logits(hardened, images));
    const [before, after] = [readModel(original), readModel(restored)];
    expect([after.graph.inputs, after.graph.outputs]).toEqual([before.graph.inputs, before.graph.outputs]);
    expect(after.opsets).toEqual(before.opsets);
    expect(Object.fromEntries(after.metadata)).toEqual({ author: 'somebody', 'rampart.lineage': 'rad' });
  });

  it('is restored with the autoencoder that was put in front of it', async () => {
    const original = foreign(dims);
    const settings = { shape: SHAPE, classes: 4, box, rng: Rng.root('front') };
    const hardened = await stack(await createModel('autoencoder', settings), await adoptModel(original, options));
    const restored = await restoreModel(original, hardened, options);

    expectClose(await logits(restored, images, options), await logits(hardened, images));
    const [before, after] = [readModel(original), readModel(restored)];
    expect([after.graph.inputs, after.graph.outputs]).toEqual([before.graph.inputs, before.graph.outputs]);
    const bare = await Session.open(restored);
    const sizes = dims.map((dim) => (typeof dim === 'number' ? dim : COUNT));
    const results = await bare.run({ pixels: float32Tensor(sizes, images) });
    for (let i = 0; i < COUNT; i++) {
      const row = Array.from(results['logits']!.data as Float32Array).slice(4 * i, 4 * i + 4);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
  });
});

it('refuses to restore a file from a model that has none of its weights', async () => {
  const other = await createModel('lenet5', {
    shape: { channels: 1, height: 16, width: 16 },
    classes: 4,
    box: PUBLICATION_BOX,
    rng: Rng.root(1),
  });
  await expect(restoreModel(foreign(['n', 3, 4, 5]), other)).rejects.toThrow(/none of them/);
});
