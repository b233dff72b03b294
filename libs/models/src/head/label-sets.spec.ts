import { type AccompaniedKind, pixelBox } from '@rampart/core';
import { float32Tensor, GraphBuilder, type Model, scalar } from '@rampart/onnx';

import { openClassifier } from '../classifier/open-classifier';

const WEIGHTS = [
  [1, -2, 0.5],
  [0.25, 1, -1],
];

/** Three scores of two features, and what is made of them. */
function scores(finish: (b: GraphBuilder, z: string) => string): Model {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['n', 2]);
  const z = b.node('MatMul', [x, b.initializer('w', float32Tensor([2, 3], WEIGHTS.flat()))]);
  b.output(finish(b, z), 'float32', ['n', 3]);
  return {
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: '',
    metadata: new Map(),
    graph: b.build('scores'),
    functions: [],
  };
}

const SETS: AccompaniedKind = {
  kind: 'accompanied',
  shape: { channels: 1, height: 1, width: 2, dims: [2] },
  companions: [],
  labels: ['a', 'b', 'c'],
};
const open = (model: Model, company = SETS) =>
  openClassifier(model, { shape: company.shape, box: pixelBox(0, 1), company, classes: company.labels.length });

const POINTS = [
  { x: [0.9, 0.2], y: [1, 0, 0] },
  { x: [0.1, 0.7], y: [1, 1, 0] },
  { x: [0.5, 0.5], y: [0, 0, 1] },
];
const SAMPLES = Float32Array.from(POINTS.flatMap(({ x, y }) => [...x, ...y]));
const sign = (holds: number | undefined) => (holds === 1 ? 1 : -1);
/** The margin of each label: its score on the side where it is right. */
const MARGINS = POINTS.map(({ x, y }) =>
  y.map((holds, j) => sign(holds) * (x[0]! * WEIGHTS[0]![j]! + x[1]! * WEIGHTS[1]![j]!)),
);

describe('a head of labels of which any may hold', () => {
  it.each([
    ['scores', (_: GraphBuilder, z: string) => z],
    ['sigmoids', (b: GraphBuilder, z: string) => b.node('Sigmoid', [z])],
    ['clipped sigmoids', (b: GraphBuilder, z: string) => clipped(b, b.node('Sigmoid', [z]))],
  ])(
    'of %s is right where each label is, by the margin of the nearest one, with exact gradients',
    async (_, finish) => {
      const classifier = await open(scores(finish));
      try {
        expect(classifier.classes).toBe(4);
        const labels = new Int32Array(3);
        const { logits, losses, gradient } = await classifier.lossGradient(SAMPLES, labels, 'margin');
        MARGINS.forEach((margins, i) => {
          expect(logits[4 * i]).toBe(0);
          margins.forEach((m, j) => expect(logits[4 * i + 1 + j]).toBeCloseTo(-m, 5));
          const least = margins.indexOf(Math.min(...margins));
          expect(losses[i]).toBeCloseTo(margins[least]!, 5);
          const side = sign(POINTS[i]!.y[least]);
          for (const k of [0, 1]) expect(gradient[5 * i + k]).toBeCloseTo(side * WEIGHTS[k]![least]!, 5);
          // What holds is no number to be moved.
          for (const k of [2, 3, 4]) expect(gradient[5 * i + k]).toBe(0);
        });
        const smooth = await classifier.lossGradient(SAMPLES, labels, 'cross-entropy');
        MARGINS.forEach((margins, i) => {
          const sum = margins.reduce((total, m) => total + Math.exp(-m), 1);
          expect(smooth.losses[i]).toBeCloseTo(Math.log(sum), 5);
          for (const k of [0, 1]) {
            const slope = margins.reduce(
              (total, m, j) => total - (Math.exp(-m) / sum) * sign(POINTS[i]!.y[j]) * WEIGHTS[k]![j]!,
              0,
            );
            expect(smooth.gradient[5 * i + k]).toBeCloseTo(slope, 5);
          }
        });
        const one = await classifier.lossGradient(SAMPLES, labels, 'difference', Int32Array.of(2, 2, 2));
        MARGINS.forEach((margins, i) => expect(one.losses[i]).toBeCloseTo(margins[1]!, 5));
      } finally {
        await classifier.dispose();
      }
    },
  );

  it('of means of sigmoids decides at a half', async () => {
    const classifier = await open(
      scores((b, z) => {
        const half = (value: string) => b.node('Mul', [b.node('Sigmoid', [value]), b.constant(scalar(0.5))]);
        return b.node('Add', [half(z), half(b.node('Mul', [z, b.constant(scalar(3))]))]);
      }),
    );
    try {
      const logits = await classifier.logits(SAMPLES);
      MARGINS.forEach((margins, i) =>
        margins.forEach((m, j) => expect(Math.sign(logits[4 * i + 1 + j]!)).toBe(-Math.sign(m))),
      );
    } finally {
      await classifier.dispose();
    }
  });

  it('is no head of exclusive classes, or of another number of labels', async () => {
    const exclusive = scores((b, z) => b.node('Softmax', [z], { axis: 1 }));
    await expect(open(exclusive)).rejects.toThrow(/each label a score by itself.*exclusive classes/);
    await expect(
      open(
        scores((_, z) => z),
        { ...SETS, labels: ['a', 'b'] },
      ),
    ).rejects.toThrow(/Expected a model of 2 labels.*of 3/);
  });
});

function clipped(b: GraphBuilder, p: string): string {
  return b.node('Clip', [p, b.constant(scalar(1e-6)), b.constant(scalar(1 - 1e-6))]);
}
