import { featureCount, pixelBox, Rng } from '@rampart/core';
import { type Dimension, type ElementType, float32Tensor, GraphBuilder, type Model } from '@rampart/onnx';

import { openClassifier } from '../classifier/open-classifier';
import type { HeldInputs } from './held-inputs';

const SHAPE = { channels: 1, height: 2, width: 3 };
const FEATURES = featureCount(SHAPE);
const BOX = pixelBox(0, 1);
const rng = Rng.root('held');
const weights = Float32Array.from({ length: FEATURES * 2 }, () => rng.normal());
const images = Float32Array.from({ length: 3 * FEATURES }, () => rng.uniform());

/** x W, times something made of another input. */
function model(
  type: ElementType,
  dims: readonly Dimension[],
  use: (b: GraphBuilder, rows: string, other: string) => string,
): Model {
  const b = new GraphBuilder();
  b.input('image', 'float32', ['n', 1, 2, 3]);
  b.input('other', type, dims);
  const rows = b.node('MatMul', [
    b.node('Flatten', ['image'], { axis: 1 }),
    b.constant(float32Tensor([FEATURES, 2], weights)),
  ]);
  b.output(use(b, rows, 'other'), 'float32', ['n', 2]);
  const opsets = new Map([['', 18]]);
  return { irVersion: 9, opsets, producer: '', metadata: new Map(), graph: b.build('two'), functions: [] };
}

const times = (b: GraphBuilder, rows: string, other: string) =>
  b.node('Mul', [rows, b.node('Cast', [other], { to: 1 })]);

const logits = async (file: Model, held: HeldInputs) => {
  const classifier = await openClassifier(file, { shape: SHAPE, box: BOX, held });
  try {
    return Array.from(await classifier.logits(images));
  } finally {
    await classifier.dispose();
  }
};

const plain = () => logits(model('float32', [], times), { other: 1 });

describe('an input that is held', () => {
  it.each<[string, ElementType, readonly Dimension[], HeldInputs[string]]>([
    ['a number', 'float32', [], 2],
    ['a number of whole numbers', 'int64', [], 2],
    ['a number for every element', 'int64', [1, 2], 2],
    ['a number for every row of the batch', 'float32', ['n', 2], 2],
    ['a number for every row of a batch without a name', 'float32', [undefined, 2], 2],
    ['an array', 'float32', [1, 2], { shape: [1, 2], data: [2, 2] }],
    ['an array of one row, for a batch', 'float64', ['n', 2], { shape: [1, 2], data: [2, 2] }],
    ['a row, for a batch', 'int32', ['n', 2], { shape: [2], data: [2, 2] }],
  ])('%s', async (_what, type, dims, value) => {
    const expected = (await plain()).map((logit) => 2 * logit);
    const received = await logits(model(type, dims, times), { other: value });
    received.forEach((logit, i) => expect(logit).toBeCloseTo(expected[i]!, 5));
  });

  it('a state whose batch is another axis than the first', async () => {
    const state = (b: GraphBuilder, rows: string, other: string) =>
      b.node('Mul', [
        rows,
        b.node('ReduceSum', [other, b.constant({ type: 'int64', dims: [1], data: BigInt64Array.of(0n) })], {
          keepdims: 0,
        }),
      ]);
    const expected = (await plain()).map((logit) => 2 * logit);
    const received = await logits(model('float32', [2, 'n', 2], state), { other: 1 });
    received.forEach((logit, i) => expect(logit).toBeCloseTo(expected[i]!, 5));
  });

  it('has the size of the attacked input where the file calls both the same', async () => {
    const b = new GraphBuilder();
    b.input('sound', 'float32', ['n', 'time']);
    b.input('mask', 'float32', ['n', 'time']);
    const sum = b.constant({ type: 'int64', dims: [1], data: BigInt64Array.of(1n) });
    const one = b.node('ReduceSum', [b.node('Mul', ['sound', 'mask']), sum], { keepdims: 1 });
    b.output(b.node('Concat', [one, b.node('Neg', [one])], { axis: 1 }), 'float32', ['n', 2]);
    const opsets = new Map([['', 18]]);
    const file = { irVersion: 9, opsets, producer: '', metadata: new Map(), graph: b.build('masked'), functions: [] };
    const received = await logits(file, { mask: 1 });
    for (let i = 0; i < 3; i++) {
      const sum = images.subarray(i * FEATURES, (i + 1) * FEATURES).reduce((a, c) => a + c, 0);
      expect(received[2 * i]).toBeCloseTo(sum, 5);
    }
  });

  it('lets the gradient of the other through', async () => {
    const labels = Int32Array.of(0, 1, 0);
    const [held, alone] = [2, 1].map((other) =>
      openClassifier(model('float32', ['n', 2], times), { shape: SHAPE, box: BOX, held: { other } }),
    );
    const [a, b] = [
      await (await held!).lossGradient(images, labels, 'margin'),
      await (await alone!).lossGradient(images, labels, 'margin'),
    ];
    a.gradient.forEach((slope, i) => expect(slope).toBeCloseTo(2 * b.gradient[i]!, 4));
    await (await held!).dispose();
    await (await alone!).dispose();
  });
});

describe('refused', () => {
  const open = (held?: HeldInputs) =>
    openClassifier(model('float32', ['n', 2], times), { shape: SHAPE, box: BOX, ...(held && { held }) });

  it.each<[string, HeldInputs | undefined, string, RegExp]>([
    [
      'nothing said',
      undefined,
      'bad-model',
      /one input that is attacked. Received 2: image .* other float32\[n, 2\].*--feed "other=0"/,
    ],
    ['a name that is unknown', { othr: 1 }, 'usage', /Unknown input "othr". Did you mean "other"/],
    ['all of them', { other: 1, image: 0 }, 'bad-model', /All inputs of the model are held/],
    [
      'another shape',
      { other: { shape: [3], data: [1, 2, 3] } },
      'bad-data',
      /shape \[n, 2\] for input "other". Received one of \[3\]/,
    ],
  ])('%s', async (_what, held, code, message) => {
    await expect(open(held)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
