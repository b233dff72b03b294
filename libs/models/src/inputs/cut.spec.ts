import { featureCount, pixelBox, Rng } from '@rampart/core';
import { float32Tensor, GraphBuilder, int64Vector, type Model, scalar } from '@rampart/onnx';

import { openClassifier } from '../classifier/open-classifier';
import { prepareModel } from '../classifier/prepare';
import { cutPoints } from './cut';
import { openCut } from './open-cut';

const SHAPE = { channels: 1, height: 2, width: 3 };
const BOX = pixelBox(-1, 1);
const FEATURES = featureCount(SHAPE);
const rng = Rng.root('cut');
const matrix = (rows: number, columns: number) =>
  float32Tensor(
    [rows, columns],
    Float32Array.from({ length: rows * columns }, () => rng.normal()),
  );
const [FIRST, SECOND, LAST, SKIP] = [matrix(FEATURES, 4), matrix(4, 5), matrix(5, 3), matrix(FEATURES, 5)];
const images = Float32Array.from({ length: 5 * FEATURES }, () => 2 * rng.uniform() - 1);

interface Parts {
  /** Leads from the input around what comes between. */
  readonly skip?: boolean;
  /** Writes the batch's size of the input into the shape of what comes last. */
  readonly sized?: boolean;
}

/** Two hidden layers. */
function model({ skip, sized }: Parts = {}): Model {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['n', 1, 2, 3]);
  const flat = b.node('Flatten', [x], { axis: 1 });
  const hidden = b.node('Tanh', [b.node('MatMul', [flat, b.constant(FIRST)])], {}, { outputs: ['hidden'] })[0]!;
  let second = b.node('Tanh', [b.node('MatMul', [hidden, b.constant(SECOND)])], {}, { outputs: ['second'] })[0]!;
  if (skip) second = b.node('Add', [second, b.node('MatMul', [flat, b.constant(SKIP)])]);
  if (sized) {
    const count = b.node('Gather', [b.node('Shape', [x]), b.constant(int64Vector([0]))]);
    const shape = b.node('Concat', [count, b.constant(int64Vector([5]))], { axis: 0 });
    second = b.node('Reshape', [b.node('Mul', [second, b.constant(scalar(2))]), shape]);
  }
  b.output(b.node('MatMul', [second, b.constant(LAST)]), 'float32', ['n', 3]);
  const opsets = new Map([['', 18]]);
  return { irVersion: 9, opsets, producer: '', metadata: new Map(), graph: b.build('cut'), functions: [] };
}

describe('a model that is cut', () => {
  it.each<[string, Parts, string]>([
    ['at the first layer', {}, 'hidden'],
    ['at the second', {}, 'second'],
    ['before something that goes round the second', { skip: false, sized: true }, 'hidden'],
    ['where what follows asks for the size of the input', { sized: true }, 'second'],
  ])('%s: the two parts make what the whole makes', async (_what, parts, at) => {
    const options = { shape: SHAPE, box: BOX };
    const whole = await openClassifier(model(parts), options);
    const cut = await openCut(model(parts), at, options);
    const values = await cut.values(images);
    expect(values).toHaveLength(5 * featureCount(cut.shape));
    const rear = await openClassifier(cut.rear, { shape: cut.shape, box: BOX });
    const [expected, received] = [await whole.logits(images), await rear.logits(values)];
    expect(received).toHaveLength(expected.length);
    received.forEach((logit, i) => expect(logit).toBeCloseTo(expected[i]!, 5));
    for (const opened of [whole, cut, rear]) await opened.dispose();
  });

  it('has the gradient of the rest at the value', async () => {
    const cut = await openCut(model(), 'second', { shape: SHAPE, box: BOX });
    const rear = await openClassifier(cut.rear, { shape: cut.shape, box: BOX });
    const labels = Int32Array.of(0, 1, 2, 0, 1);
    const { gradient, logits } = await rear.lossGradient(await cut.values(images), labels, 'margin');
    labels.forEach((label, i) => {
      const row = logits.subarray(3 * i, 3 * i + 3);
      const other = [0, 1, 2].filter((j) => j !== label).reduce((a, b) => (row[b]! > row[a]! ? b : a));
      for (let k = 0; k < 5; k++) {
        const weights = LAST.data as Float32Array;
        expect(gradient[5 * i + k]).toBeCloseTo(weights[3 * k + label]! - weights[3 * k + other]!, 5);
      }
    });
    await cut.dispose();
    await rear.dispose();
  });
});

describe('the values that a model can be cut at', () => {
  const points = async (parts: Parts) => cutPoints(await prepareModel(model(parts), { shape: SHAPE, box: BOX }));

  it('are those that all ways lead through', async () => {
    expect(await points({})).toEqual(expect.arrayContaining(['hidden', 'second']));
    const around = await points({ skip: true });
    expect(around).not.toContain('hidden');
    expect(around).not.toContain('second');
    // The input by another name, and what comes behind both ways.
    expect(around).toHaveLength(2);
  });

  it('are not kept from being so by who asks for a size', async () => {
    expect(await points({ sized: true })).toEqual(expect.arrayContaining(['hidden', 'second']));
  });

  it.each<[string, Parts, string, RegExp]>([
    ['that there is not', {}, 'hiden', /Unknown value to cut at "hiden". Did you mean "hidden"/],
    ['that something leads around', { skip: true }, 'second', /needs its input besides.*all ways lead through/],
  ])('do not include one %s', async (_what, parts, at, message) => {
    await expect(openCut(model(parts), at, { shape: SHAPE, box: BOX })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
  });
});
