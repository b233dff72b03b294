import { featureCount, pixelBox, Rng } from '@rampart/core';
import { float32Tensor, GraphBuilder, int64Vector, type Model, scalar, tensor } from '@rampart/onnx';

import { openVerifier } from '../classifier/open-classifier';
import { LEVELS, openFront } from './open-front';

const SHAPE = { channels: 2, height: 2, width: 5 };
const FEATURES = featureCount(SHAPE);
const BOX = pixelBox(0, 1);
const rng = Rng.root('front');
const kernel = Float32Array.from({ length: FEATURES * 3 }, () => rng.normal());
const images = Float32Array.from({ length: 7 * FEATURES }, () => rng.uniform());

type Builder = GraphBuilder;
const number = (b: Builder, value: number) => b.constant(scalar(value));
const times = (b: Builder, x: string, factor: number) => b.node('Mul', [x, number(b, factor)]);
const wave = (b: Builder, x: string) => b.node('Add', [x, times(b, b.node('Sin', [times(b, x, 300)]), 0.04)]);
const rounded = (b: Builder, x: string) => b.node('Div', [b.node('Round', [times(b, x, 7)]), number(b, 7)]);

/** One linear layer behind what `front` makes of the images. */
function model(front: (b: Builder, x: string) => string, finish = (_b: Builder, z: string) => z): Model {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['n', SHAPE.channels, SHAPE.height, SHAPE.width]);
  const flat = b.node('Flatten', [front(b, 'x')], { axis: 1 });
  b.output(finish(b, b.node('MatMul', [flat, b.constant(float32Tensor([FEATURES, 3], kernel))])));
  const opsets = new Map([['', 17]]);
  return { irVersion: 8, opsets, producer: '', metadata: new Map(), functions: [], graph: b.build('front') };
}

const FRONTS: Readonly<Record<string, (b: Builder, x: string) => string>> = {
  'a wave': wave,
  rounding: rounded,
  'rounding behind the wave, and a constant a channel': (b, x) =>
    b.node('Mul', [rounded(b, wave(b, x)), b.constant(float32Tensor([2, 1, 1], [1, 3]))]),
  'a threshold': (b, x) => b.node('Cast', [b.node('Greater', [x, number(b, 0.5)])], { to: 1 }),
  'two branches': (b, x) =>
    b.node('Where', [b.node('Less', [x, number(b, 0.3)]), b.node('Sqrt', [x]), b.node('Neg', [x])]),
  'integers, and axes that come and go': (b, x) => {
    const rows = b.node('Reshape', [x, b.constant(int64Vector([-1, FEATURES]))]);
    return b.node('Cast', [b.node('Cast', [times(b, rows, 9)], { to: 7 })], { to: 1 });
  },
  quantisation: (b, x) => {
    const [scale, zero] = [number(b, 0.1), b.constant(tensor('uint8', [], Uint8Array.of(2)))];
    return b.node('DequantizeLinear', [b.node('QuantizeLinear', [x, scale, zero]), scale, zero]);
  },
};

describe('a front', () => {
  it.each(Object.entries(FRONTS))('is cut off: %s', async (_what, made) => {
    const whole = await openVerifier(model(made), { box: BOX });
    const front = (await openFront(model(made), { box: BOX }))!;
    const behind = await front.forward(images);
    expect(await front.rear.logits(behind)).toEqual(await whole.logits(images));
    expect(behind.every((value) => value >= front.rear.box.min && value <= front.rear.box.max)).toBe(true);
    // The table has, for each feature, what the front makes of a level.
    for (const level of [0, 16 * 100, 2041, LEVELS - 1]) {
      const flat = new Float32Array(FEATURES).fill(front.levels[level]!);
      const expected = await front.forward(flat);
      expected.forEach((value, k) => expect(front.table[front.columns[k]! * LEVELS + level]).toBeCloseTo(value, 5));
    }
    expect([front.levels[0], front.levels[LEVELS - 1], front.levels[16 * 51]]).toEqual([0, 1, Math.fround(0.2)]);
    await front.dispose();
    await whole.dispose();
  });

  it('shares a column among features that it treats alike', async () => {
    const columns = async (made: (b: Builder, x: string) => string) => {
      const front = (await openFront(model(made), { box: BOX }))!;
      await front.dispose();
      return [...front.columns];
    };
    expect(new Set(await columns(wave))).toEqual(new Set([0]));
    const byChannel = await columns(FRONTS['rounding behind the wave, and a constant a channel']!);
    expect(byChannel).toEqual(Array.from({ length: FEATURES }, (_, k) => Number(k >= FEATURES / 2)));
    const pixels = float32Tensor(
      [2, 2, 5],
      Array.from({ length: FEATURES }, (_, k) => k + 1),
    );
    expect(new Set(await columns((b, x) => b.node('Mul', [wave(b, x), b.constant(pixels)]))).size).toBe(FEATURES);
  });

  it('has the gradient of the rest behind it', async () => {
    const front = (await openFront(model(wave), { box: BOX }))!;
    const { gradient } = await front.rear.lossGradient(
      await front.forward(images.subarray(0, FEATURES)),
      Int32Array.of(0),
      'difference',
      Int32Array.of(1),
    );
    gradient.forEach((value, k) => expect(value).toBeCloseTo(kernel[3 * k]! - kernel[3 * k + 1]!, 5));
    await front.dispose();
  });

  it('is opened under a view', async () => {
    const sure = model(rounded, (b, z) => b.node('Softmax', [times(b, z, 1e4)], { axis: 1 }));
    const front = (await openFront(sure, { box: BOX, images, view: { logits: 'inner' } }))!;
    const plain = await openVerifier(model(rounded), { box: BOX });
    expect(await front.rear.logits(await front.forward(images))).toEqual(await plain.logits(images));
    await front.dispose();
    await plain.dispose();
  });

  it('keeps the order of the images where the model has its channels last', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['n', SHAPE.height, SHAPE.width, SHAPE.channels]);
    const scaled = b.node('Mul', [wave(b, 'x'), b.constant(float32Tensor([2], [1, 3]))]);
    const flat = b.node('Flatten', [scaled], { axis: 1 });
    b.output(b.node('MatMul', [flat, b.constant(float32Tensor([FEATURES, 3], kernel))]));
    const last = { ...model(wave), graph: b.build('last') };
    const options = { box: BOX, shape: SHAPE };
    const [front, whole] = [(await openFront(last, options))!, await openVerifier(last, options)];
    const behind = await front.forward(images);
    const logits = await whole.logits(images);
    (await front.rear.logits(behind)).forEach((value, i) => expect(value).toBeCloseTo(logits[i]!, 4));
    images.forEach((x, i) => {
      const channel = Math.floor((i % FEATURES) / (FEATURES / 2));
      expect(behind[i]).toBeCloseTo((1 + 2 * channel) * (x + 0.04 * Math.sin(300 * x)), 4);
    });
    await front.dispose();
    await whole.dispose();
  });

  it.each([
    ['nothing is there', (_b: Builder, x: string) => x],
    ['it is affine', (b: Builder, x: string) => b.node('Sub', [times(b, x, 255), number(b, 3)])],
    [
      'features are mixed first',
      (b: Builder, x: string) => wave(b, b.node('AveragePool', [x], { kernel_shape: [1, 1] })),
    ],
    ['noise is added first', (b: Builder, x: string) => wave(b, b.node('Add', [x, b.node('RandomNormalLike', [x])]))],
  ])('is none where %s', async (_what, made) => {
    expect(await openFront(model(made), { box: BOX })).toBeUndefined();
  });

  it('is none where images go around it', async () => {
    const sum = (b: Builder) => b.node('ReduceSum', ['x', b.constant(int64Vector([1, 2, 3]))], { keepdims: 0 });
    const column = (b: Builder) => b.node('Reshape', [sum(b), b.constant(int64Vector([-1, 1]))]);
    const around = model(wave, (b, z) => b.node('Add', [z, column(b)]));
    expect(await openFront(around, { box: BOX })).toBeUndefined();
  });

  it("keeps to the images' shape where the rest asks for it", async () => {
    const shaped = model((b, x) => b.node('Reshape', [b.node('Flatten', [wave(b, x)]), b.node('Shape', [x])]));
    const front = (await openFront(shaped, { box: BOX }))!;
    const whole = await openVerifier(shaped, { box: BOX });
    expect(await front.rear.logits(await front.forward(images))).toEqual(await whole.logits(images));
    await front.dispose();
    await whole.dispose();
  });
});
