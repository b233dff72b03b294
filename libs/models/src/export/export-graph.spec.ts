import * as tfc from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import { type PixelBox, PUBLICATION_BOX, Rng } from '@rampart/core';
import { float32Tensor, readModel, Session } from '@rampart/onnx';

import { readyTfjs } from '../backend';
import { exportLayersModel } from '../layers-model';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const BOX: PixelBox = PUBLICATION_BOX;
const BATCH = 3;
const CLASSES = 4;

/** One layer of a random model, or two branches that meet again. */
type Piece = (value: tf.SymbolicTensor) => tf.SymbolicTensor;

const apply = (layer: ReturnType<typeof tf.layers.dense> | { apply: unknown }) => (value: tf.SymbolicTensor) =>
  (layer as ReturnType<typeof tf.layers.dense>).apply(value) as tf.SymbolicTensor;

const ACTIVATIONS = [
  'linear',
  'relu',
  'relu6',
  'sigmoid',
  'tanh',
  'softmax',
  'elu',
  'selu',
  'softplus',
  'softsign',
  'hardSigmoid',
  'swish',
  'mish',
] as const;

const activation = fc.constantFrom(...ACTIVATIONS);
const padding = fc.constantFrom('same' as const, 'valid' as const);
const small = (max: number) => fc.integer({ min: 1, max });

/** Strides and dilation exclude each other in tfjs. */
const steps = fc.oneof(
  fc.record({ strides: fc.tuple(small(2), small(2)), dilationRate: fc.constant<[number, number]>([1, 1]) }),
  fc.record({ strides: fc.constant<[number, number]>([1, 1]), dilationRate: fc.tuple(small(2), small(2)) }),
);

const convolution = fc
  .record({ filters: small(4), kernelSize: fc.tuple(small(3), small(3)), padding, activation, useBias: fc.boolean() })
  .chain((config) => steps.map((step) => (): Piece => apply(tf.layers.conv2d({ ...config, ...step }))));

const depthwise = fc
  .record({ depthMultiplier: small(2), kernelSize: small(3), padding, useBias: fc.boolean(), strides: small(2) })
  .map((config) => (): Piece => apply(tf.layers.depthwiseConv2d(config)));

const pooling = fc
  .record({ poolSize: fc.tuple(small(3), small(3)), strides: fc.tuple(small(2), small(2)), padding })
  .chain((config) =>
    fc
      .boolean()
      .map(
        (largest) => (): Piece => apply(largest ? tf.layers.maxPooling2d(config) : tf.layers.averagePooling2d(config)),
      ),
  );

/** Layers that work on images and flat features alike. */
const anywhere = fc.oneof(
  activation.map((name) => (): Piece => apply(tf.layers.activation({ activation: name }))),
  fc
    .record({ scale: fc.boolean(), center: fc.boolean() })
    .map((config) => (): Piece => apply(tf.layers.batchNormalization(config))),
  fc.constantFrom<() => Piece>(
    () => apply(tf.layers.reLU({ maxValue: 0.7 })),
    () => apply(tf.layers.leakyReLU({ alpha: 0.2 })),
    () => apply(tf.layers.elu({})),
    () => apply(tf.layers.softmax({ axis: -1 })),
    () => apply(tf.layers.dropout({ rate: 0.5 })),
    () => apply(tf.layers.rescaling({ scale: 1.5, offset: -0.25 })),
  ),
  fc.constantFrom<() => Piece>(
    ...[
      tf.layers.add,
      tf.layers.multiply,
      tf.layers.average,
      tf.layers.maximum,
      tf.layers.minimum,
      tf.layers.concatenate,
    ].map((merge) => (): Piece => (value) => {
      const other = apply(tf.layers.activation({ activation: 'tanh' }))(value);
      return (merge as typeof tf.layers.add)({}).apply([value, other]) as tf.SymbolicTensor;
    }),
  ),
);

const onImages = fc.oneof(convolution, depthwise, pooling, anywhere);

const onFeatures = fc.oneof(
  fc
    .record({ units: small(9), activation, useBias: fc.boolean() })
    .map((config) => (): Piece => apply(tf.layers.dense(config))),
  anywhere,
);

const flattening = fc.constantFrom<() => Piece>(
  () => apply(tf.layers.flatten()),
  () => apply(tf.layers.globalAveragePooling2d({})),
  () => apply(tf.layers.globalMaxPooling2d({})),
  () => (value) => {
    const sizes = value.shape.slice(1) as number[];
    return apply(tf.layers.reshape({ targetShape: [sizes.reduce((a, b) => a * b)] }))(value);
  },
);

/** Features back to an image, as an autoencoder's output is; then flat again. */
const unflattening = (): Piece => (value) => {
  const units = 2 * 3 * 4;
  const image = apply(tf.layers.reshape({ targetShape: [2, 3, 4] }))(apply(tf.layers.dense({ units }))(value));
  return apply(tf.layers.flatten())(apply(tf.layers.conv2d({ filters: 2, kernelSize: 2 }))(image));
};

const architecture = fc.record({
  shape: fc.record({
    height: fc.integer({ min: 6, max: 11 }),
    width: fc.integer({ min: 6, max: 11 }),
    channels: small(3),
  }),
  images: fc.array(onImages, { maxLength: 4 }),
  flatten: flattening,
  features: fc.array(onFeatures, { maxLength: 3 }),
  unflatten: fc.boolean(),
  seed: fc.nat(),
});

type Sample = typeof architecture extends fc.Arbitrary<infer T> ? T : never;

function build({ shape, images, flatten, features, unflatten }: Sample): tf.LayersModel {
  const input = tf.input({ shape: [shape.height, shape.width, shape.channels] });
  const pieces = [...images, flatten, ...features, ...(unflatten ? [unflattening] : [])].map((make) => make());
  let value = input;
  for (const piece of pieces) {
    const next = piece(value);
    // A window that is larger than what is left of the image leaves nothing.
    if (next.shape.slice(1).every((size) => (size ?? 0) > 0)) value = next;
  }
  return tf.model({ inputs: input, outputs: apply(tf.layers.dense({ units: CLASSES }))(value) });
}

/** Random weights of about the size that trained ones have; variances above 0. */
function randomise(model: tf.LayersModel, rng: Rng): void {
  for (const weight of model.weights) {
    const shape = weight.shape as number[];
    const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const draw = weight.originalName.includes('variance')
      ? () => 0.5 + rng.uniform()
      : () => rng.normal() / Math.sqrt(shape.length > 1 ? fanIn : 4);
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw);
    weight.write(tfc.tensor(values, shape));
  }
}

async function compare(model: tf.LayersModel, rng: Rng): Promise<void> {
  const [, height, width, channels] = model.inputs[0]!.shape as [null, number, number, number];
  randomise(model, rng);
  const images = tfc.tensor4d(
    Float32Array.from({ length: BATCH * height * width * channels }, () => rng.uniform() - 0.5),
    [BATCH, height, width, channels],
  );
  const outputs = [model.predict(images)].flat() as tfc.Tensor[];
  const nchw = tfc.transpose(images, [0, 3, 1, 2]);

  const card = { architecture: undefined, shape: { channels, height, width }, classes: CLASSES, box: BOX };
  const session = await Session.open(exportLayersModel(model, card));
  try {
    const feeds = { input: float32Tensor([BATCH, channels, height, width], nchw.dataSync() as Float32Array) };
    const results = await session.run(feeds);
    outputs.forEach((output, index) => {
      const expected = output.rank === 4 ? tfc.transpose(output, [0, 3, 1, 2]) : output;
      const { dims, data } = results[session.outputs[index]!.name]!;
      expect(dims).toEqual(expected.shape);
      const values = expected.dataSync();
      const scale = Math.max(1, ...values.map(Math.abs));
      for (let i = 0; i < values.length; i++) {
        expect(Math.abs(Number(data[i]) - values[i]!)).toBeLessThanOrEqual(1e-5 * scale);
      }
    });
  } finally {
    await session.dispose();
  }
}

describe('export of tfjs models', () => {
  beforeAll(readyTfjs);

  it('computes what tfjs computes, for models of every layer in any order', async () => {
    await fc.assert(
      fc.asyncProperty(architecture, async (sample) => {
        const model = build(sample);
        try {
          await compare(model, Rng.root(sample.seed));
        } finally {
          model.dispose();
        }
      }),
      { numRuns: 120, seed: 20170424 },
    );
  });

  it('exports nested models, layers that are applied twice and several outputs', async () => {
    const inner = tf.sequential({
      name: 'inner',
      layers: [
        tf.layers.conv2d({ name: 'conv', inputShape: [7, 6, 2], filters: 2, kernelSize: 3, padding: 'same' }),
        tf.layers.batchNormalization({ name: 'norm' }),
      ],
    });
    const input = tf.input({ shape: [7, 6, 2] });
    const twice = apply(inner)(apply(inner)(input));
    const image = apply(tf.layers.activation({ name: 'reconstruction', activation: 'tanh' }))(twice);
    const logits = apply(tf.layers.dense({ name: 'logits', units: CLASSES }))(apply(tf.layers.flatten())(image));
    const model = tf.model({ inputs: input, outputs: [image, logits] });
    await compare(model, Rng.root(3));

    const card = { architecture: undefined, shape: { channels: 2, height: 7, width: 6 }, classes: CLASSES, box: BOX };
    const { graph } = readModel(exportLayersModel(model, card));
    expect(graph.inputs).toEqual([{ name: 'input', type: 'float32', dims: ['batch', 2, 7, 6] }]);
    expect(graph.outputs.map(({ name, dims }) => [name, dims])).toEqual([
      ['reconstruction', ['batch', 2, 7, 6]],
      ['logits', ['batch', CLASSES]],
    ]);
    expect([...graph.initializers.keys()].filter((name) => name.startsWith('inner/conv/'))).toHaveLength(2);
  });

  it.each([
    ['a layer without a rule', () => tf.layers.upSampling2d({ size: [2, 2] }), /UpSampling2D.*there is no rule for it/],
    [
      'channels first',
      () => tf.layers.maxPooling2d({ poolSize: 2, dataFormat: 'channelsFirst' }),
      /expected channelsLast/,
    ],
    ['a dense layer on an image', () => tf.layers.dense({ units: 2 }), /put a flatten layer before it/],
    ['normalisation of rows', () => tf.layers.batchNormalization({ axis: 1 }), /not normalise over the last axis/],
  ])('refuses %s and says why', (_what, make, message) => {
    const input = tf.input({ shape: [6, 6, 2] });
    const model = tf.model({ inputs: input, outputs: apply(make())(input) });
    const card = { architecture: undefined, shape: { channels: 2, height: 6, width: 6 }, classes: 2, box: BOX };
    expect(() => exportLayersModel(model, card)).toThrow(message);
  });
});
