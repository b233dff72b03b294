import { type AccompaniedKind, pixelBox, type PixelBox } from '@rampart/core';
import { GraphBuilder, int64Vector, type Model } from '@rampart/onnx';

import { openClassifier } from '../classifier/open-classifier';

const BOX: PixelBox = pixelBox(-0.5, 0.5);

/** Two logits of a picture x of 1x2x2, a mask m of whole numbers and a factor g: g times the sums of x m, and of x. */
function masked(): Model {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['n', 1, 2, 2]);
  const mask = b.node('Cast', [b.input('mask', 'int64', ['n', 4])], { to: 1 });
  const factor = b.input('factor', 'float32', ['n']);
  const rows = b.node('Flatten', [x], { axis: 1 });
  const axes = b.constant(int64Vector([1]));
  const sum = (value: string) => b.node('ReduceSum', [value, axes], { keepdims: 1 });
  const sums = b.node('Concat', [sum(b.node('Mul', [rows, mask])), sum(rows)], { axis: 1 });
  b.output(b.node('Mul', [sums, b.node('Unsqueeze', [factor, axes])]), 'float32', ['n', 2]);
  return { ...EMPTY, graph: b.build('masked') };
}

const EMPTY = {
  irVersion: 8,
  opsets: new Map([['', 17]]),
  producer: '',
  metadata: new Map<string, string>(),
  functions: [],
};

const MASK = { name: 'mask', dims: [4], min: 0, max: 3, whole: true };
const FACTOR = { name: 'factor', dims: [], min: -2, max: 6, whole: false };
const company = (...companions: AccompaniedKind['companions']): AccompaniedKind => ({
  kind: 'accompanied',
  shape: { channels: 1, height: 2, width: 2 },
  companions,
  labels: [],
});
const options = (of: AccompaniedKind) => ({ shape: of.shape, box: BOX, company: of });
const inBox = (value: number, { min, max }: { readonly min: number; readonly max: number }) =>
  BOX.min + ((BOX.max - BOX.min) * (value - min)) / (max - min);

describe('samples that bring along what other inputs are fed', () => {
  it('are judged and differentiated with their own values of these, row by row', async () => {
    const classifier = await openClassifier(masked(), options(company(MASK, FACTOR)));
    try {
      expect(classifier.shape.dims).toEqual([9]);
      const pixels = [
        [0.1, -0.2, 0.3, 0.4],
        [-0.5, 0.5, 0.25, 0],
      ];
      const masks = [
        [0, 1, 2, 3],
        [3, 0, 0, 1],
      ];
      const factors = [6, -2];
      const samples = pixels.flatMap((x, i) => [
        ...x,
        ...masks[i]!.map((value) => inBox(value, MASK)),
        inBox(factors[i]!, FACTOR),
      ]);
      const { logits, gradient } = await classifier.lossGradient(
        Float32Array.from(samples),
        Int32Array.of(0, 0),
        'margin',
      );
      pixels.forEach((x, i) => {
        const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
        const g = factors[i]!;
        expect(logits[2 * i]).toBeCloseTo(g * sum(x.map((value, k) => value * masks[i]![k]!)), 5);
        expect(logits[2 * i + 1]).toBeCloseTo(g * sum(x), 5);
        const wanted = masks[i]!.map((m) => g * (m - 1));
        wanted.forEach((slope, k) => expect(gradient[9 * i + k]).toBeCloseTo(slope, 5));
      });
    } finally {
      await classifier.dispose();
    }
  });

  it('are refused where what they bring does not fit the model', async () => {
    const refused = async (of: AccompaniedKind, more = {}) =>
      expect(openClassifier(masked(), { ...options(of), ...more })).rejects;
    await (await refused(company(MASK))).toThrow(/one input that is attacked.*inputs=\[factor\]/);
    await (await refused(company({ ...MASK, name: 'masks' }, FACTOR))).toThrow(/"masks"/);
    await (await refused(company({ ...MASK, dims: [5] }, FACTOR))).toThrow(/"mask", int64\[n, 4\].*rows of \[5\]/);
    await (await refused(company({ ...MASK, whole: false }, FACTOR))).toThrow(/whole numbers of int64.*fractions/);
    await (await refused(company(MASK, FACTOR), { held: { factor: 1 } })).toThrow(/"factor" is held, and the dataset/);
  });
});
