import { type ImageShape, pixelBox, PUBLICATION_BOX, Rng } from '@rampart/core';
import {
  float32Tensor,
  GraphBuilder,
  type Model,
  normalise,
  numericTensor,
  readModel,
  Session,
  type Tensor,
  toNumbers,
  writeModel,
} from '@rampart/onnx';

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
function foreign(
  dims: readonly (number | string)[],
  type: 'float32' | 'float16' | 'bfloat16' | 'float64' = 'float32',
): Uint8Array {
  const drawn = (sizes: number[]) => numericTensor(type, sizes, toNumbers(draw(sizes)));
  const builder = new GraphBuilder();
  builder.input('pixels', type, dims);
  builder.node('Flatten', ['pixels'], {}, { outputs: ['input'] });
  builder.initializer('encoder/kernel', drawn([FEATURES, 7]));
  builder.node('Constant', [], { value: drawn([7, 4]) }, { outputs: ['head'] });
  builder.node(
    'MatMul',
    [builder.node('Relu', [builder.node('MatMul', ['input', 'encoder/kernel'])]), 'head'],
    {},
    { outputs: ['scores'] },
  );
  builder.node('Softmax', ['scores'], {}, { outputs: ['logits'] });
  builder.output('logits', type, ['n', 4]);
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

describe.each(['float16', 'bfloat16', 'float64'] as const)('a file of %s', (type) => {
  const original = foreign(['n', 3, 4, 5], type);
  const names = ['encoder/kernel', 'head'];
  const types = (bytes: Uint8Array) => {
    const { graph } = readModel(bytes);
    const constants = graph.nodes.map(({ outputs, attributes: { value } }) => [outputs[0], value] as const);
    const held = new Map(
      constants.flatMap(([name, value]) => (value?.type === 'tensor' ? [[name!, value.value]] : [])),
    );
    return names.map((name) => (graph.initializers.get(name) ?? held.get(name))!.type);
  };

  it('is trained in float32, and restored in its own type with the new weights rounded to it', async () => {
    const adopted = readModel(await adoptModel(original, { trained: true }));
    const shapes = names.map((name) => adopted.graph.initializers.get(name)!);
    expect(shapes.map((weight) => weight.type)).toEqual(['float32', 'float32']);
    const trained = new Map(names.map((name, k) => [name, draw([...shapes[k]!.dims])] as const));
    const restored = await restoreModel(original, writeModel(withWeights(adopted, trained)));
    expect(types(restored)).toEqual([type, type]);
    const { initializers } = normalise(readModel(restored)).graph;
    const rounded = { float16: 2 ** -11, bfloat16: 2 ** -8, float64: 0 }[type];
    for (const [name, weight] of trained) {
      const found = toNumbers(initializers.get(name)!);
      weight.data.forEach((value, i) =>
        expect(Math.abs(found[i]! - Number(value))).toBeLessThanOrEqual(rounded * Math.abs(Number(value)) + 1e-7),
      );
    }
    const [before, after] = [readModel(original), readModel(restored)];
    expect([after.graph.inputs, after.graph.outputs]).toEqual([before.graph.inputs, before.graph.outputs]);
  });

  it('takes an autoencoder in front', async () => {
    const settings = { shape: SHAPE, classes: 4, box: PUBLICATION_BOX, rng: Rng.root('front') };
    const hardened = await stack(
      await createModel('autoencoder', settings),
      await adoptModel(original, { trained: true }),
    );
    const restored = await restoreModel(original, hardened);
    const images = Float32Array.from({ length: COUNT * FEATURES }, () => rng.uniform() - 0.5);
    const [found, expected] = [await logits(restored, images), await logits(hardened, images)];
    found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(0.02));
    // Of bfloat16, which ONNX Runtime does not compute with, the normal form is float32.
    const expectedType = type === 'bfloat16' ? 'float32' : type;
    expect(readModel(restored).graph.inputs).toEqual([{ ...readModel(original).graph.inputs[0]!, type: expectedType }]);
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
