import { type ModelView, pixelBox, predictions, Rng } from '@rampart/core';
import { float32Tensor, GraphBuilder, int64Tensor, int64Vector, scalar, writeModel } from '@rampart/onnx';

import { openClassifier, openVerifier } from './open-classifier';
import { noteGradient } from './gradient-note';
import { openView } from './open-view';

const CLASSES = 3;
const FEATURES = 12;
const BOX = pixelBox(0, 1);
const rng = Rng.root('open-view');
const kernel = balanced(Float32Array.from({ length: FEATURES * CLASSES }, () => 3 * rng.normal()));
const images = Float32Array.from({ length: 20 * FEATURES }, () => rng.uniform());
const labels = Int32Array.from({ length: 20 }, (_, i) => i % CLASSES);

type Builder = GraphBuilder;

/** Columns of sum 0, lest one class win on all images. */
function balanced(matrix: Float32Array): Float32Array {
  const sums = [0, 1, 2].map((j) => matrix.reduce((sum, value, i) => (i % CLASSES === j ? sum + value : sum), 0));
  return matrix.map((value, i) => value - sums[i % CLASSES]! / FEATURES);
}

/** A file of one linear layer behind `front`, and what `finish` makes of its logits. */
function model(
  finish: (builder: Builder, z: string) => string,
  front: (builder: Builder, x: string) => string = (_builder, x) => x,
  columns = CLASSES,
): Uint8Array {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', 1, 3, 4]);
  const flat = builder.node('Flatten', [front(builder, 'x')], { axis: 1 });
  const weights = Array.from(
    { length: FEATURES * columns },
    (_, i) => kernel[Math.floor(i / columns) * CLASSES + (i % columns)]!,
  );
  const product = builder.node('MatMul', [flat, builder.constant(float32Tensor([FEATURES, columns], weights))]);
  const bias = builder.constant(float32Tensor([columns], [0.2, -0.1, 0.3].slice(0, columns)));
  builder.output(finish(builder, builder.node('Add', [product, bias])));
  const graph = builder.build('view');
  return writeModel({
    irVersion: 9,
    opsets: new Map([['', 17]]),
    producer: '',
    metadata: new Map(),
    graph,
    functions: [],
  });
}

const number = (b: Builder, value: number) => b.constant(scalar(value));
const times = (b: Builder, z: string, factor: number) => b.node('Mul', [z, number(b, factor)]);
const softmax = (b: Builder, z: string) => b.node('Softmax', [z], { axis: 1 });
const plain = model((_b, z) => z);

async function logitsOf(file: Uint8Array, view: ModelView) {
  const classifier = await openView(file, view, { box: BOX, images });
  if (!classifier) return undefined;
  try {
    return await classifier.logits(images);
  } finally {
    await classifier.dispose();
  }
}

async function gradientOf(file: Uint8Array, view: ModelView) {
  const classifier = (await openView(file, view, { box: BOX, images }))!;
  try {
    return (await classifier.lossGradient(images, labels, 'margin')).gradient;
  } finally {
    await classifier.dispose();
  }
}

function expectClose(received: Float32Array, expected: Float32Array): void {
  expect(received).toHaveLength(expected.length);
  received.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
}

/** 1 for the largest, 0 for the others. */
const code = (b: Builder, z: string) => {
  const largest = b.node('ReduceMax', [z], { axes: [1], keepdims: 1 });
  return b.node('Where', [b.node('Equal', [z, largest]), number(b, 1), number(b, 0)]);
};

/** What a model's head is known to be made of without a look at its answers. */
const SEEN_THROUGH: Readonly<Record<string, (b: Builder, z: string) => string>> = {
  'a one-hot code': (b, z) => {
    const index = b.node('ArgMax', [z], { axis: 1, keepdims: 0 });
    const values = b.constant(float32Tensor([2], [0, 1]));
    return b.node('OneHot', [index, b.constant(int64Tensor([], [CLASSES])), values], { axis: 1 });
  },
  'a hardmax': (b, z) => b.node('Hardmax', [z], { axis: 1 }),
  'clipped probabilities': (b, z) => b.node('Clip', [softmax(b, z), number(b, 1e-7), number(b, 1)]),
  'a hand-written softmax': (b, z) => {
    const largest = b.node('ReduceMax', [z], { axes: [1], keepdims: 1 });
    const powers = b.node('Exp', [b.node('Sub', [z, largest])]);
    return b.node('Div', [powers, b.node('ReduceSum', [powers, b.constant(int64Vector([1]))], { keepdims: 1 })]);
  },
  'per cent': (b, z) => times(b, softmax(b, z), 100),
  'label smoothing': (b, z) => b.node('Add', [times(b, softmax(b, z), 0.98), number(b, 0.02 / CLASSES)]),
};

const HIDDEN: Readonly<Record<string, (b: Builder, z: string) => string>> = {
  'a softmax of scaled logits': (b, z) => softmax(b, times(b, z, 1e4)),
  'logits scaled up': (b, z) => times(b, z, 1000),
  'a code by comparison': code,
  'a temperature': (b, z) => b.node('Div', [z, number(b, 40)]),
  'rounded probabilities': (b, z) => b.node('Div', [b.node('Round', [times(b, softmax(b, z), 10)]), number(b, 10)]),
  'axes of length 1': (b, z) =>
    b.node('Squeeze', [
      softmax(b, b.node('Unsqueeze', [times(b, z, 100), b.constant(int64Vector([2, 3]))])),
      b.constant(int64Vector([2, 3])),
    ]),
};

describe('inner logits', () => {
  it.each(Object.entries(HIDDEN))('are found behind %s', async (_what, finish) => {
    expectClose((await logitsOf(model(finish), { logits: 'inner' }))!, (await logitsOf(plain, {}))!);
  });

  it.each(Object.entries(SEEN_THROUGH))('are taken already of %s', async (_what, finish) => {
    expect(await logitsOf(model(finish), { logits: 'inner' })).toBeUndefined();
  });

  it('are found behind a single value, and keep its sign', async () => {
    const sure = model((b, z) => b.node('Mul', [z, b.node('Mul', [z, z])]), undefined, 1);
    const [bare, inner] = [
      await logitsOf(
        model((_b, z) => z, undefined, 1),
        {},
      ),
      await logitsOf(sure, { logits: 'inner' }),
    ];
    expectClose(inner!, bare!);
  });

  it.each([
    ['logits', plain],
    ['a final softmax', model(softmax)],
    ['logits behind a reshape', model((b, z) => b.node('Reshape', [z, b.constant(int64Vector([-1, CLASSES]))]))],
    [
      'a mean of two softmaxes, of which neither decides',
      model((b, z) => {
        const other = b.node('Gather', [z, b.constant(int64Vector([1, 2, 0]))], { axis: 1 });
        return b.node('Mean', [softmax(b, z), softmax(b, other)]);
      }),
    ],
  ])('are none but the present ones of %s', async (_what, file) => {
    expect(await logitsOf(file, { logits: 'inner' })).toBeUndefined();
  });
});

it('cannot tell inner logits by images that are all of one class', async () => {
  const sure = model((b, z) => times(b, b.node('Add', [z, b.constant(float32Tensor([3], [0, 0, 1e3]))]), 5));
  expect(await logitsOf(sure, { logits: 'inner' })).toBeUndefined();
});

describe('log-probabilities', () => {
  it('are the logarithms of the outputs divided by their sum', async () => {
    const percent = model((b, z) => times(b, b.node('Exp', [z]), 100));
    const rows = (await logitsOf(percent, { logits: 'log-probabilities' }))!;
    for (let i = 0; i < rows.length; i += CLASSES) {
      expect(rows.subarray(i, i + CLASSES).reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 5);
    }
  });

  it.each([
    ['outputs below 0', plain],
    ['a final softmax, whose logits are known', model(softmax)],
    [
      'a mean of softmaxes, whose logarithms are its logits',
      model((b, z) => b.node('Mean', [softmax(b, z), softmax(b, b.node('Neg', [times(b, z, 0.1)]))])),
    ],
  ])('are refused for %s', async (_what, file) => {
    expect(await logitsOf(file, { logits: 'log-probabilities' })).toBeUndefined();
  });
});

describe('a straight-through backward half', () => {
  const rounding = (b: Builder, x: string) => b.node('Div', [b.node('Round', [times(b, x, 7)]), number(b, 7)]);
  const rounded = model((_b, z) => z, rounding);

  it('leaves decisions bit for bit and passes the gradient on', async () => {
    const classifier = await openClassifier(rounded, { box: BOX });
    const nothing = await classifier.lossGradient(images, labels, 'margin');
    expect(nothing.gradient.every((value) => value === 0)).toBe(true);
    expect(await logitsOf(rounded, { backward: 'straight-through' })).toEqual(await classifier.logits(images));
    await classifier.dispose();
    // The same classes are compared where both models agree on the strongest other.
    const [passed, smooth] = [await gradientOf(rounded, { backward: 'straight-through' }), await gradientOf(plain, {})];
    const equal = Array.from(labels).filter((_, i) =>
      passed
        .subarray(i * FEATURES, (i + 1) * FEATURES)
        .every((value, k) => Math.abs(value - smooth[i * FEATURES + k]!) < 1e-4),
    );
    expect(equal.length).toBeGreaterThan(labels.length / 2);
  });

  it('goes with inner logits', async () => {
    const both = model(code, rounding);
    expectClose(
      await gradientOf(both, { logits: 'inner', backward: 'straight-through' }),
      await gradientOf(rounded, { backward: 'straight-through' }),
    );
  });
});

describe('other views', () => {
  it('feed images scaled and shifted', async () => {
    const fed = model(
      (_b, z) => z,
      (b, x) => b.node('Add', [times(b, x, 255), number(b, -3)]),
    );
    expectClose((await logitsOf(plain, { feed: { scale: 255, shift: -3 } }))!, (await logitsOf(fed, {}))!);
  });

  it('smooth the gradient and leave the decisions', async () => {
    const wave = model(
      (_b, z) => z,
      (b, x) => b.node('Add', [x, times(b, b.node('Sin', [times(b, x, 300)]), 0.04)]),
    );
    const view = { smoothing: { radius: 0.05, samples: 256 } };
    expect(await logitsOf(wave, view)).toEqual(await logitsOf(wave, {}));
    const [rough, smoothed, wanted] = [
      await gradientOf(wave, {}),
      await gradientOf(wave, view),
      await gradientOf(plain, {}),
    ];
    expect(cosine(smoothed, wanted)).toBeGreaterThan(0.7);
    expect(cosine(rough, wanted)).toBeLessThan(0.4);
  });

  it('look at true gradients, whatever the file notes, unless they ask for estimated ones', async () => {
    const noted = noteGradient(plain, { samples: 2000, radius: 0.01 });
    const truth = await gradientOf(plain, {});
    expect(await gradientOf(noted, {})).toEqual(truth);
    const estimated = await gradientOf(noted, { gradients: 'estimated' });
    expect(estimated).not.toEqual(truth);
    expect(cosine(estimated, truth)).toBeGreaterThan(0.95);
    const hidden = model(code);
    expect(cosine(await gradientOf(hidden, { gradients: 'estimated', logits: 'inner' }), truth)).toBeGreaterThan(0.5);
  });

  it('are the model as it is where nothing is said', async () => {
    const verifier = await openVerifier(plain, { box: BOX });
    const logits = await verifier.logits(images);
    expect(await logitsOf(plain, {})).toEqual(logits);
    expect(new Set(predictions(logits, CLASSES)).size).toBeGreaterThan(1);
    await verifier.dispose();
  });

  it('refuse images of another size', async () => {
    const opening = openView(plain, { logits: 'inner' }, { box: BOX, images: new Float32Array(5) });
    await expect(opening).rejects.toThrow(/images of 12 values each\. Received 5/);
  });
});

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (u: Float32Array, v: Float32Array) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
