import * as tf from '@tensorflow/tfjs-core';

import {
  type AttackLoss,
  type DifferentiableClassifier,
  featureCount,
  type ImageShape,
  pixelBox,
  PUBLICATION_BOX,
  Rng,
} from '@rampart/core';
import {
  float32Tensor,
  type Graph,
  GraphBuilder,
  int64Vector,
  type Model,
  readModel,
  scalar,
  Session,
  writeModel,
} from '@rampart/onnx';
import { describeModel } from '@rampart/testing';

import { createModel, toLayersModel } from '../layers-model';
import { stack } from '../stack';
import { type ClassifierOptions, openClassifier, openVerifier } from './open-classifier';
import { parsePreprocess } from './preprocess';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const SHAPE: ImageShape = { channels: 3, height: 18, width: 16 };
const CLASSES = 4;
const rng = Rng.root('weights');

const make = (name: string, shape = SHAPE) =>
  createModel(name, { shape, classes: CLASSES, box: PUBLICATION_BOX, rng: Rng.root(name) });

/** A file of one linear layer, and what `finish` makes of its output. */
function linear(
  options: {
    readonly dims?: readonly (number | string)[];
    readonly outputs?: number;
    readonly finish?: (builder: GraphBuilder, z: string) => void;
  } = {},
): Uint8Array {
  const { dims = ['n', 3, 4, 5], outputs = CLASSES, finish = (builder, z) => builder.output(z) } = options;
  const features = 60;
  const weights = rng.split('linear');
  const builder = new GraphBuilder();
  builder.input('x', 'float32', dims);
  const flat = builder.node('Flatten', ['x'], { axis: 1 });
  const kernel = Float32Array.from({ length: features * outputs }, () => weights.normal() / 4);
  builder.initializer('kernel', float32Tensor([features, outputs], kernel));
  finish(builder, builder.node('MatMul', [flat, 'kernel']));
  return file(builder.build('linear'));
}

function file(graph: Graph): Uint8Array {
  const model: Model = {
    irVersion: 10,
    opsets: new Map([['', 21]]),
    producer: 'test',
    metadata: new Map(),
    graph,
    functions: [],
  };
  return writeModel(model);
}

const LINEAR_SHAPE: ImageShape = { channels: 3, height: 4, width: 5 };

function randomImages(count: number, shape = LINEAR_SHAPE, box = PUBLICATION_BOX): Float32Array {
  const draw = rng.split('images');
  return Float32Array.from(
    { length: count * featureCount(shape) },
    () => box.min + (box.max - box.min) * draw.uniform(),
  );
}

function expectClose(received: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(received).toHaveLength(expected.length);
  const scale = Math.max(1, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(received[i]! - expected[i]!)).toBeLessThanOrEqual(tolerance * scale);
  }
}

// Finite differences of an untrained network drown in float32's rounding: its gradients are compared with tfjs's below.
describeModel('lenet5', async () => openClassifier(await make('lenet5')), { tolerance: 0.25 });
describeModel('an autoencoder stacked in front of a swapped-in file', async () => {
  const front = await createModel('autoencoder', {
    shape: LINEAR_SHAPE,
    classes: CLASSES,
    box: PUBLICATION_BOX,
    rng: Rng.root('front'),
  });
  return openClassifier(await stack(front, linear()));
});
describeModel('a file of channels-last images with its own preprocessing', async () =>
  openClassifier(linear({ dims: ['n', 4, 5, 3] }), {
    shape: LINEAR_SHAPE,
    box: pixelBox(-1, 3),
    preprocess: parsePreprocess('range=0..1 mean=0.4,0.5,0.6 std=0.2,0.3,0.25'),
  }),
);
describeModel('a file with one sigmoid output', async () =>
  openClassifier(linear({ outputs: 1, finish: (builder, z) => builder.output(builder.node('Sigmoid', [z])) })),
);
describeModel('a file that runs at batch size 3 only', async () => openClassifier(linear({ dims: [3, 3, 4, 5] })));

describe("input gradients agree with tfjs's", () => {
  const losses: Readonly<Record<'cross-entropy' | 'margin', (z: tf.Tensor2D, mask: tf.Tensor2D) => tf.Scalar>> = {
    'cross-entropy': (z, mask) => tf.neg(tf.sum(tf.mul(mask, tf.logSoftmax(z)))),
    margin: (z, mask) =>
      tf.sub(tf.sum(tf.mul(mask, z)), tf.sum(tf.max(tf.where(tf.cast(mask, 'bool'), tf.fill(z.shape, -1e9), z), 1))),
  };

  it.each(['lenet5', 'stacked'])('for %s', async (name) => {
    const bytes = await make(name);
    const { model, outputs } = await toLayersModel(bytes);
    const classifier = await openClassifier(bytes);
    const images = randomImages(4, SHAPE);
    const labels = Int32Array.from([0, 1, 2, 3]);
    const nchw = tf.tensor4d(images, [4, SHAPE.channels, SHAPE.height, SHAPE.width]);
    for (const loss of ['cross-entropy', 'margin'] as const) {
      const expected = tf.grad((x: tf.Tensor) => {
        const result = [model.apply(tf.transpose(x, [0, 2, 3, 1]))].flat() as tf.Tensor[];
        return losses[loss](
          result[outputs.indexOf('logits')] as tf.Tensor2D,
          tf.oneHot(labels, CLASSES) as tf.Tensor2D,
        );
      })(nchw);
      const { gradient } = await classifier.lossGradient(images, labels, loss);
      const values = expected.dataSync();
      const largest = Math.max(...values.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      expectClose(
        gradient.map((value) => value / largest),
        values.map((value) => value / largest),
      );
    }
    await classifier.dispose();
    model.dispose();
  });
});

describe('the output that is taken', () => {
  const images = randomImages(3);

  async function logits(bytes: Uint8Array, options?: ClassifierOptions): Promise<Float32Array> {
    const classifier = await openVerifier(bytes, options);
    try {
      return await classifier.logits(images);
    } finally {
      await classifier.dispose();
    }
  }

  it.each([
    ['Softmax', (builder: GraphBuilder, z: string) => builder.node('Softmax', [z], { axis: -1 })],
    ['LogSoftmax', (builder: GraphBuilder, z: string) => builder.node('LogSoftmax', [z], { axis: 1 })],
    ['Sigmoid', (builder: GraphBuilder, z: string) => builder.node('Sigmoid', [z])],
    [
      'Softmax behind nodes that only move values',
      (builder: GraphBuilder, z: string) =>
        builder.node('Reshape', [
          builder.node('Identity', [builder.node('Softmax', [z])]),
          builder.constant(int64Vector([0, CLASSES, 1, 1])),
        ]),
    ],
  ])('is what goes into a final %s', async (_what, finish) => {
    const bytes = linear({ finish: (builder, z) => builder.output(finish(builder, z)) });
    expectClose(await logits(bytes), await logits(linear()), 0);
  });

  it('is the one named logits, else the first that has a row of floats a sample', async () => {
    const named = linear({
      finish: (builder, z) => {
        builder.output(builder.node('Mul', [z, builder.constant(scalar(2))]));
        builder.node('Identity', [z], {}, { outputs: ['logits'] });
        builder.output('logits');
      },
    });
    expectClose(await logits(named), await logits(linear()), 0);
    const labelled = linear({
      finish: (builder, z) => {
        builder.output(builder.node('ArgMax', [z], { axis: 1, keepdims: 0 }));
        builder.output(builder.node('Softmax', [z], { axis: 1 }));
      },
    });
    expectClose(await logits(labelled), await logits(linear()), 0);
  });

  it('is the one that is asked for', async () => {
    const bytes = linear({
      finish: (builder, z) => {
        builder.output(z);
        builder.node('Neg', [z], {}, { outputs: ['other'] });
        builder.output('other');
      },
    });
    expectClose(
      await logits(bytes, { output: 'other' }),
      (await logits(linear())).map((value) => -value),
      0,
    );
    await expect(logits(bytes, { output: 'othr' })).rejects.toThrow(/Did you mean "other"/);
  });

  it.each([
    [undefined, (z: number) => [0, z]],
    [1, (z: number) => [0, z]],
    [0, (z: number) => [z, 0]],
  ])('becomes two logits where it is a single value (positive index %p)', async (positiveIndex, pair) => {
    const bytes = linear({ outputs: 1, finish: (builder, z) => builder.output(builder.node('Sigmoid', [z])) });
    const squeezed = linear({
      outputs: 1,
      finish: (builder, z) => builder.output(builder.node('Squeeze', [z, builder.constant(int64Vector([1]))])),
    });
    const raw = await Session.open(linear({ outputs: 1 }));
    const [z] = Object.values(await raw.run({ x: float32Tensor([3, 3, 4, 5], images) }));
    const expected = Array.from(z!.data as Float32Array).flatMap(pair);
    const options = positiveIndex === undefined ? {} : { positiveIndex };
    expectClose(await logits(bytes, options), expected);
    expectClose(await logits(squeezed, options), expected);
  });

  it('is refused where there is no row of floats a sample', async () => {
    const bytes = linear({ finish: (builder, z) => builder.output(builder.node('ArgMax', [z], { axis: 1 })) });
    await expect(openVerifier(bytes)).rejects.toThrow(/Expected a classifier.*int64/);
    const image = linear({
      outputs: 48,
      finish: (builder, z) => builder.output(builder.node('Reshape', [z, builder.constant(int64Vector([0, 3, 4, 4]))])),
    });
    await expect(openVerifier(image)).rejects.toThrow(/Expected a classifier/);
  });
});

describe('preprocessing', () => {
  it('feeds the model what its training fed it', async () => {
    const box = pixelBox(-0.5, 0.5);
    const [mean, std] = [
      [0.1, 0.2, 0.3],
      [0.5, 0.25, 2],
    ];
    const images = randomImages(2);
    const classifier = await openVerifier(linear({ dims: ['n', 4, 5, 3] }), {
      box,
      preprocess: { range: pixelBox(0, 255), mean, std, layout: 'nhwc' },
    });
    const fed = new Float32Array(images.length);
    for (let n = 0; n < 2; n++) {
      for (let c = 0; c < 3; c++) {
        for (let pixel = 0; pixel < 20; pixel++) {
          const value = (images[(n * 3 + c) * 20 + pixel]! + 0.5) * 255;
          fed[(n * 20 + pixel) * 3 + c] = (value - mean[c]!) / std[c]!;
        }
      }
    }
    const raw = await Session.open(linear({ dims: ['n', 4, 5, 3] }));
    const [expected] = Object.values(await raw.run({ x: float32Tensor([2, 4, 5, 3], fed) }));
    expectClose(await classifier.logits(images), expected!.data as Float32Array);
    expect(classifier.shape).toEqual(LINEAR_SHAPE);
  });

  it('hands images to a model that takes them flat', async () => {
    const images = randomImages(2);
    const flat = await openVerifier(linear({ dims: ['n', 60] }), { shape: LINEAR_SHAPE });
    const shaped = await openVerifier(linear());
    expectClose(await flat.logits(images), await shaped.logits(images), 0);
  });
});

describe('batches', () => {
  const LOSSES: readonly AttackLoss[] = ['cross-entropy', 'margin', 'difference', 'dlr', 'targeted-dlr'];

  async function everything(classifier: DifferentiableClassifier, count: number): Promise<number[]> {
    const images = randomImages(count);
    const labels = Int32Array.from({ length: count }, (_, i) => i % CLASSES);
    const rivals = labels.map((label, i) => (label + 1 + (i % (CLASSES - 1))) % CLASSES);
    const values = await classifier.inner!(images);
    const guides = values.map((value) => value / 2);
    const answers = [await classifier.innerGradient!(images, guides)];
    for (const loss of LOSSES) answers.push(await classifier.lossGradient(images, labels, loss, rivals));
    const rows = answers.flatMap(({ logits, losses, gradient }) => [...logits, ...losses, ...gradient]);
    return [...(await classifier.logits(images)), ...values, ...rows];
  }

  it.each([0, 1, 3, 4, 7])('of %i images give the same at every size that a run may have', async (count) => {
    const whole = await everything(await openClassifier(linear()), count);
    expectClose(await everything(await openClassifier(linear(), { batchSize: 3 }), count), whole);
    expectClose(await everything(await openClassifier(linear({ dims: [3, 3, 4, 5] })), count), whole);
    expectClose(await everything(await openClassifier(linear({ dims: [1, 3, 4, 5] })), count), whole);
  });
});

describe('the cross-entropy', () => {
  it('keeps its gradient where softmax rounds to 0 and 1', async () => {
    // Logits 0 and 40 x: at x = 1 the probability of class 0 is exp(-40), and that of class 1 is 1 in float32.
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['n', 1]);
    builder.initializer('kernel', float32Tensor([1, 2], [-20, 20]));
    builder.output(builder.node('MatMul', ['x', 'kernel']));
    const classifier = await openClassifier(file(builder.build('steep')), { box: pixelBox(0, 2) });
    const { gradient } = await classifier.lossGradient(Float32Array.of(1, 1), Int32Array.of(1, 0), 'cross-entropy');
    const expected = -40 * Math.exp(-40);
    expect(Math.abs(gradient[0]! / expected - 1)).toBeLessThan(1e-4);
    expect(gradient[1]).toBeCloseTo(40, 4);
  });
});

describe('errors', () => {
  it.each([
    ['too few labels', Int32Array.of(0), /one label for each of 2 images\. Received 1/],
    ['a label that is no class', Int32Array.of(0, CLASSES), /from 0 to 3.*Received 4 at index 1/],
    ['a negative label', Int32Array.of(-1, 0), /Received -1 at index 0/],
  ])('name %s', async (_what, labels, message) => {
    const classifier = await openClassifier(linear());
    await expect(classifier.lossGradient(randomImages(2), labels, 'margin')).rejects.toThrow(message);
  });

  it.each(['difference', 'targeted-dlr'] as const)('name the rivals that the %s lacks', async (loss) => {
    const classifier = await openClassifier(linear());
    const asking = classifier.lossGradient(randomImages(2), Int32Array.of(0, 1), loss);
    await expect(asking).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(/one rival for each/) });
  });

  it('refuse a model with two inputs', async () => {
    const builder = new GraphBuilder();
    builder.input('a', 'float32', ['n', 2]);
    builder.input('b', 'float32', ['n', 2]);
    builder.output(builder.node('Add', ['a', 'b']));
    await expect(openVerifier(file(builder.build('two')))).rejects.toThrow(
      /one input that is attacked. Received 2: a float32\[n, 2\], b float32\[n, 2\]/,
    );
  });

  it('refuse a model of strings', async () => {
    const builder = new GraphBuilder();
    builder.input('a', 'string', ['n', 1, 2, 2]);
    builder.output(builder.node('Flatten', ['a'], { axis: 1 }));
    await expect(openVerifier(file(builder.build('words')))).rejects.toThrow(/of numbers. Received string/);
  });

  it('name an operator without a gradient only when one is needed', async () => {
    const bytes = linear({
      finish: (builder, z) => builder.output(builder.node('MeanVarianceNormalization', [z], { axes: [1] })),
    });
    const classifier = await openClassifier(bytes);
    await expect(classifier.logits(randomImages(1))).resolves.toHaveLength(CLASSES);
  });
});

it('reads the box from the file, and takes another where one is given', async () => {
  const bytes = await createModel('lenet5', { shape: SHAPE, classes: 2, box: pixelBox(0, 9), rng: Rng.root(1) });
  expect((await openVerifier(bytes)).box).toEqual({ min: 0, max: 9 });
  expect((await openVerifier(bytes, { box: pixelBox(1, 2) })).box).toEqual({ min: 1, max: 2 });
  expect(readModel(bytes).metadata.get('rampart.box')).toBe('0..9');
});

it('gives everything back after a loss that has no gradient', async () => {
  const builder = new GraphBuilder();
  builder.input('image', 'float32', ['n', 1, 2, 2]);
  const inverse = builder.node('Inverse', ['image'], {}, { domain: 'com.microsoft' });
  const scores = builder.node('ReduceMax', [inverse, builder.constant(int64Vector([1, 2]))], { keepdims: 0 });
  builder.output(scores, 'float32', ['n', 2]);
  const graph = builder.build('inverses');
  const opsets = new Map([
    ['', 18],
    ['com.microsoft', 1],
  ]);
  const classifier = await openClassifier(
    writeModel({ irVersion: 9, opsets, producer: '', metadata: new Map(), graph, functions: [] }),
  );
  const gradient = classifier.lossGradient(Float32Array.of(0.1, 0.2, 0.3, 0.4), Int32Array.of(0), 'margin');
  await expect(gradient).rejects.toMatchObject({ code: 'bad-model', message: expect.stringContaining('Inverse') });
  await expect(classifier.dispose()).resolves.toBeUndefined();
});
