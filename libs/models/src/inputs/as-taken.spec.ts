import { featureCount, pixelBox, Rng } from '@rampart/core';
import { type ElementType, float32Tensor, GraphBuilder, int64Tensor, type Model, tensor } from '@rampart/onnx';

import { adoptModel } from '../adopt';
import { openForAttack } from '../classifier/open-for-attack';
import { openClassifier } from '../classifier/open-classifier';
import { prepareModel } from '../classifier/prepare';
import { openView } from '../classifier/open-view';

const SHAPE = { channels: 1, height: 3, width: 4 };
const FEATURES = featureCount(SHAPE);
const BOX = pixelBox(-0.5, 0.5);
const rng = Rng.root('as taken');
const weights = Float32Array.from({ length: FEATURES * 3 }, () => rng.normal() / 255);

/** A linear model of images that the file takes as a type, with a bend so that its gradient depends on the image. */
function model(type: ElementType, front = (b: GraphBuilder, x: string) => b.node('Cast', [x], { to: 1 })): Model {
  const b = new GraphBuilder();
  const x = b.input('pixels', type, ['n', 1, 3, 4]);
  const flat = b.node('Flatten', [front(b, x)], { axis: 1 });
  const z = b.node('MatMul', [b.node('Mul', [flat, flat]), b.constant(float32Tensor([FEATURES, 3], weights))]);
  b.output(z, 'float32', ['n', 3]);
  const opsets = new Map([['', 18]]);
  return { irVersion: 9, opsets, producer: '', metadata: new Map(), graph: b.build('typed'), functions: [] };
}

/** From the bounds of the box to whole numbers, the bounds among them. */
const levels = Int32Array.from({ length: 2 * FEATURES }, (_, i) => (i * 255) / (2 * FEATURES - 1));
const images = Float32Array.from(levels, (level) => level / 255 - 0.5);

const expectedLogits = (numbers: ArrayLike<number>) =>
  [0, 1].flatMap((i) =>
    [0, 1, 2].map((j) => {
      let sum = 0;
      for (let k = 0; k < FEATURES; k++) sum += numbers[i * FEATURES + k]! ** 2 * weights[k * 3 + j]!;
      return sum;
    }),
  );

const close = (values: ArrayLike<number>, expected: readonly number[], digits = 5) => {
  const largest = Math.max(...expected.map(Math.abs));
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(values[i]! / largest).toBeCloseTo(value / largest, digits);
};

describe('a model of whole numbers', () => {
  it.each(['uint8', 'int32', 'int64'] as const)('of %s is asked about pixels from 0 to 255, rounded', async (type) => {
    const classifier = await openClassifier(model(type), { box: BOX });
    close(await classifier.logits(images), expectedLogits(levels));
    // A little off, but nearest to the same whole numbers.
    const moved = images.map((value, i) => Math.max(-0.5, Math.min(0.5, value + (i % 2 ? 0.4 : -0.4) / 255)));
    expect(await classifier.logits(moved)).toEqual(await classifier.logits(images));
    await classifier.dispose();
  });

  it('of int8 is asked about pixels from -128 to 127', async () => {
    const classifier = await openClassifier(model('int8'), { box: BOX });
    close(await classifier.logits(images), expectedLogits(levels.map((level) => level - 128)));
    await classifier.dispose();
  });

  it.each(['uint8', 'int32', 'int64'] as const)(
    'of %s has the gradient in front of its cast, at the bounds of the box too, and keeps it when adopted',
    async (type) => {
      const labels = Int32Array.of(0, 2);
      const expected = [0, 1].flatMap((i) => {
        const row = expectedLogits(levels).slice(3 * i, 3 * i + 3);
        const other = [0, 1, 2].filter((j) => j !== labels[i]).reduce((a, b) => (row[b]! > row[a]! ? b : a));
        return Array.from({ length: FEATURES }, (_, k) => {
          const slope = weights[k * 3 + labels[i]!]! - weights[k * 3 + other]!;
          return 2 * levels[i * FEATURES + k]! * 255 * slope;
        });
      });
      const adopted = await adoptModel(model(type), { shape: SHAPE, box: BOX });
      for (const opened of [
        await openClassifier(model(type), { box: BOX }),
        await openForAttack(adopted, { box: BOX }),
        (await openView(adopted, {}, { box: BOX }))!,
      ]) {
        const { gradient, logits } = await opened.lossGradient(images, labels, 'margin');
        close(gradient, expected);
        close(logits, expectedLogits(levels));
        await opened.dispose();
      }
    },
  );

  it('takes another range where one is said', async () => {
    const preprocess = { range: pixelBox(10, 20) };
    const classifier = await openClassifier(model('uint8'), { box: BOX, preprocess });
    const numbers = Array.from(levels, (level) => Math.round(Math.fround(10 + (10 * level) / 255)));
    close(await classifier.logits(images), expectedLogits(numbers));
    await classifier.dispose();
  });

  it('is told from one of places in a table', async () => {
    const table = (b: GraphBuilder, x: string) => {
      const rows = b.constant(
        float32Tensor(
          [256, 1],
          Float32Array.from({ length: 256 }, (_, i) => i),
        ),
      );
      const chosen = b.node('Gather', [rows, b.node('Cast', [x], { to: 7 })], { axis: 0 });
      return b.node('Reshape', [chosen, b.constant(int64Tensor([4], [0, 1, 3, 4]))]);
    };
    expect((await prepareModel(model('int32'), { box: BOX })).chosen).toBeUndefined();
    const prepared = await prepareModel(model('int32', table), { box: BOX });
    expect(prepared.model.graph.nodes.find(({ outputs }) => outputs.includes(prepared.chosen!))!.op).toBe('Gather');
  });

  it('is quantised without a cast', async () => {
    const quantised = model('uint8', (b, x) => {
      const scale = b.constant(float32Tensor([], [1]));
      return b.node('DequantizeLinear', [x, scale, b.constant(tensor('uint8', [], Uint8Array.of(0)))]);
    });
    const classifier = await openForAttack(quantised, { box: BOX });
    close(await classifier.logits(images), expectedLogits(levels));
    const { gradient } = await classifier.lossGradient(images, Int32Array.of(0, 1), 'margin');
    expect(gradient.filter((slope) => slope !== 0).length).toBeGreaterThan(FEATURES);
    await classifier.dispose();
  });
});

describe('a model of other floating-point numbers', () => {
  it.each(['float16', 'float64'] as const)('of %s gives what the same of float32 gives', async (type) => {
    const [typed, plain] = [
      await openClassifier(model(type), { box: BOX }),
      await openClassifier(model('float32'), { box: BOX }),
    ];
    const labels = Int32Array.of(0, 2);
    const [a, b] = [
      await typed.lossGradient(images, labels, 'margin'),
      await plain.lossGradient(images, labels, 'margin'),
    ];
    close(a.logits, [...b.logits], 3);
    close(a.gradient, [...b.gradient], 2);
    await typed.dispose();
    await plain.dispose();
  });
});

it('a one-hot code written as comparisons is a choice, too', async () => {
  const code = (b: GraphBuilder, x: string) => {
    const kinds = b.constant(tensor('int32', [5], Int32Array.of(0, 1, 2, 3, 4)));
    const last = b.node('Unsqueeze', [x, b.constant(int64Tensor([1], [4]))]);
    const chosen = b.node('Cast', [b.node('Equal', [last, kinds])], { to: 1 });
    return b.node('ReduceSum', [chosen, b.constant(int64Tensor([1], [4]))], { keepdims: 0 });
  };
  const { chosen, model: whole } = await prepareModel(model('int32', code), { box: BOX });
  expect(whole.graph.nodes.find(({ outputs }) => outputs.includes(chosen!))!.op).toBe('Cast');
});

it('float64 that ONNX Runtime has no kernels for is computed by a copy in float32', async () => {
  const convolution = (b: GraphBuilder, x: string) => {
    const kernel = b.constant(tensor('float64', [1, 1, 1, 1], Float64Array.of(2)));
    return b.node('Cast', [b.node('Conv', [b.node('Cast', [x], { to: 11 }), kernel])], { to: 1 });
  };
  const [copied, plain] = [
    await openClassifier(model('float64', convolution), { box: BOX }),
    await openClassifier(model('float64'), { box: BOX }),
  ];
  expect([copied.prepared.converted, plain.prepared.converted]).toEqual(['kernels', undefined]);
  close(
    await copied.logits(images),
    Array.from(await plain.logits(images), (logit) => 4 * logit),
  );
  await copied.dispose();
  await plain.dispose();
});
