import { featureCount, type ImageShape, pixelBox, Rng } from '@rampart/core';
import { float, float32Tensor, GraphBuilder, int64Tensor, int64Vector, scalar, writeModel } from '@rampart/onnx';

import { adoptModel } from '../adopt';
import { type ClassifierOptions, openClassifier } from '../classifier/open-classifier';

const CLASSES = 3;
const SHAPE: ImageShape = { channels: 1, height: 3, width: 4 };
const FEATURES = featureCount(SHAPE);
const BOX = pixelBox(0, 1);
const rng = Rng.root('heads');
const images = Float32Array.from({ length: 24 * FEATURES }, () => rng.uniform());
// Logits of tens: confident enough that a probability loses what its logit still tells.
const kernel = Float32Array.from({ length: FEATURES * CLASSES }, () => 25 * rng.normal());

type Builder = GraphBuilder;
type Finish = (builder: Builder, z: string) => string;

/** A file of one linear layer, centred, and what is made of its scores. */
function file(finish: Finish, columns = CLASSES): Uint8Array {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', 1, 3, 4]);
  const centred = builder.node('Sub', [builder.node('Flatten', ['x'], { axis: 1 }), number(builder, 0.5)]);
  const weights = Array.from(
    { length: FEATURES * columns },
    (_, i) => kernel[Math.floor(i / columns) * CLASSES + (i % columns)]!,
  );
  const weight = builder.initializer('weights', float32Tensor([FEATURES, columns], weights));
  builder.output(finish(builder, builder.node('MatMul', [centred, weight])));
  return writeModel({
    ...{ irVersion: 9, opsets: new Map([['', 18]]), producer: '', metadata: new Map(), functions: [] },
    graph: builder.build('head'),
  });
}

/** A file of one linear layer whose scores have an axis of length 1 behind them, [n, scores, 1]. */
function sequence(sample: readonly number[], scores: number): Uint8Array {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', ...sample]);
  const size = sample.reduce((product, dim) => product * dim, 1);
  const weights = float32Tensor(
    [size, scores],
    Float32Array.from({ length: size * scores }, () => rng.normal()),
  );
  const rows = builder.node('MatMul', [builder.node('Flatten', ['x'], { axis: 1 }), builder.constant(weights)]);
  const axes = builder.constant(int64Vector([2]));
  builder.output(builder.node('Unsqueeze', [rows, axes], {}, { name: 'scores' }));
  return writeModel({
    ...{ irVersion: 9, opsets: new Map([['', 18]]), producer: '', metadata: new Map(), functions: [] },
    graph: builder.build('head'),
  });
}

const number = (b: Builder, value: number) => b.constant(scalar(value));
const times = (b: Builder, z: string, factor: number) => b.node('Mul', [z, number(b, factor)]);
const plus = (b: Builder, z: string, term: number) => b.node('Add', [z, number(b, term)]);
const rest = (b: Builder, p: string) => b.node('Sub', [number(b, 1), p]);
const softmax: Finish = (b, z) => b.node('Softmax', [z], { axis: -1 });
const sigmoid: Finish = (b, z) => b.node('Sigmoid', [z]);
const clip = (b: Builder, p: string, low: number, high: number) => b.node('Clip', [p, number(b, low), number(b, high)]);

async function opened(bytes: Uint8Array, options: ClassifierOptions = {}) {
  const classifier = await openClassifier(bytes, { shape: SHAPE, box: BOX, ...options });
  try {
    const logits = await classifier.logits(images);
    const decided = Int32Array.from({ length: 24 }, (_, i) => bestOf(logits, i, classifier.classes));
    const { gradient } = await classifier.lossGradient(images, decided, 'margin');
    const { kind, unwrapped } = classifier.prepared;
    return { logits, decided, gradient, kind, unwrapped };
  } finally {
    await classifier.dispose();
  }
}

function bestOf(logits: Float32Array, row: number, classes: number): number {
  const values = Array.from(logits.subarray(row * classes, (row + 1) * classes));
  return values.indexOf(Math.max(...values));
}

/** That the gradient of each image points where the other's does. */
function expectSameDirections(received: Float32Array, expected: Float32Array): void {
  for (let i = 0; i < expected.length; i += FEATURES) {
    const [a, b] = [received, expected].map((values) => Array.from(values.subarray(i, i + FEATURES)));
    const dot = a!.reduce((sum, value, k) => sum + value * b![k]!, 0);
    expect(dot / (Math.hypot(...a!) * Math.hypot(...b!))).toBeGreaterThan(0.99);
  }
}

/** A choice between two values by what all scores come to, as of a second network that looks at what a first one found. */
const chosen = (b: Builder, z: string, of: Finish, ...factors: readonly [number, number]) => {
  const [then_branch, else_branch] = factors.map((factor) => {
    const branch = new GraphBuilder(undefined, b.names());
    branch.output(of(branch, times(branch, z, factor)));
    return branch.build('branch');
  });
  const largest = b.node('ReduceMax', [z], { keepdims: 0 });
  return b.node('If', [b.node('Greater', [largest, number(b, 0)])], { then_branch, else_branch });
};

const MANUAL: Finish = (b, z) => {
  const powers = b.node('Exp', [
    b.node('Sub', [z, b.node('ReduceMax', [z, b.constant(int64Vector([1]))], { keepdims: 1 })]),
  ]);
  return b.node('Div', [powers, b.node('ReduceSum', [powers, b.constant(int64Vector([1]))], { keepdims: 1 })]);
};

/** What people make of the scores of several classes without a change of decision. */
const SEVERAL: Readonly<Record<string, readonly [finish: Finish, kind: string]>> = {
  softmax: [softmax, 'softmax'],
  'log-softmax': [(b, z) => b.node('LogSoftmax', [z], { axis: 1 }), 'log-softmax'],
  'sigmoid of each': [sigmoid, 'sigmoid'],
  'clipped softmax': [(b, z) => clip(b, softmax(b, z), 1e-7, 1), 'softmax'],
  'softmax kept above a bound by Max': [(b, z) => b.node('Max', [softmax(b, z), number(b, 1e-6)]), 'softmax'],
  'logarithm of a clipped softmax': [(b, z) => b.node('Log', [clip(b, softmax(b, z), 1e-12, 1)]), 'log-softmax'],
  'per cent, reshaped': [
    (b, z) => b.node('Reshape', [times(b, softmax(b, z), 100), b.constant(int64Vector([0, CLASSES, 1, 1]))]),
    'softmax',
  ],
  'smoothed labels': [(b, z) => plus(b, times(b, softmax(b, z), 0.98), 0.002), 'softmax'],
  'probabilities to a thousandth': [
    (b, z) => b.node('Div', [b.node('Round', [times(b, softmax(b, z), 1000)]), number(b, 1000)]),
    'softmax',
  ],
  'exp over sum': [MANUAL, 'softmax'],
  'exp over sum and a little': [
    (b, z) => {
      const powers = b.node('Exp', [z]);
      const sum = b.node('ReduceSum', [powers, b.constant(int64Vector([-1]))], { keepdims: 1 });
      return b.node('Div', [powers, plus(b, sum, 1e-9)]);
    },
    'softmax',
  ],
  'mixture of a softmax with itself': [
    (b, z) => b.node('Add', [times(b, softmax(b, z), 0.3), times(b, softmax(b, times(b, z, 1)), 0.7)]),
    'softmax',
  ],
  'mean of softmaxes, clipped': [
    (b, z) => clip(b, b.node('Mean', [softmax(b, z), softmax(b, times(b, z, 1)), MANUAL(b, z)]), 1e-7, 1),
    'softmax',
  ],
  'mean of stacked softmaxes': [
    (b, z) => {
      const each = b.node('Unsqueeze', [softmax(b, z), b.constant(int64Vector([0]))]);
      return b.node('ReduceMean', [b.node('Concat', [each, each], { axis: 0 }), b.constant(int64Vector([0]))], {
        keepdims: 0,
      });
    },
    'softmax',
  ],
  'one of two softmaxes': [(b, z) => chosen(b, z, softmax, 3, 1), 'softmax'],
  'sigmoids over their sum': [
    (b, z) => {
      const each = sigmoid(b, z);
      return b.node('Div', [each, b.node('ReduceSum', [each, b.constant(int64Vector([1]))], { keepdims: 1 })]);
    },
    'softmax',
  ],
  'one-hot code': [
    (b, z) => {
      const code = [b.constant(int64Tensor([], [CLASSES])), b.constant(float32Tensor([2], [0, 1]))];
      return b.node('OneHot', [b.node('ArgMax', [z], { axis: 1, keepdims: 0 }), ...code], { axis: 1 });
    },
    'hard-labels',
  ],
  hardmax: [(b, z) => b.node('Hardmax', [z], { axis: 1 }), 'hard-labels'],
};

describe('the head of several classes', () => {
  const bare = opened(file((_b, z) => z));

  it.each(Object.entries(SEVERAL))('is seen through: %s', async (_what, [finish, kind]) => {
    const [plain, headed] = [await bare, await opened(file(finish))];
    expect(headed.kind).toBe(kind);
    expect(headed.decided).toEqual(plain.decided);
    expect(new Set(headed.decided).size).toBe(CLASSES);
    expectSameDirections(headed.gradient, plain.gradient);
  });

  it('keeps the scale of what an exponential is taken of, as of what goes into a softmax', async () => {
    const [ours, theirs] = [
      await opened(file((b, z) => softmax(b, times(b, z, 3)))),
      await opened(file((b, z) => MANUAL(b, times(b, z, 3)))),
    ];
    expect(theirs.gradient).toEqual(ours.gradient);
    expect(theirs.unwrapped).toBe('exact');
  });

  it('is the output itself where that is scores, negative, positive or as they come', async () => {
    for (const finish of [
      (_b: Builder, z: string) => z,
      (b: Builder, z: string) => b.node('Relu', [z]),
      (b: Builder, z: string) => times(b, b.node('Tanh', [z]), 5),
    ]) {
      expect(await opened(file(finish))).toMatchObject({ kind: 'logits', unwrapped: 'none' });
    }
  });

  it('keeps the order of probabilities that were turned round', async () => {
    const least = await opened(file((b, z) => rest(b, softmax(b, times(b, z, 0.02)))));
    const { logits } = await bare;
    least.decided.forEach((label, i) => {
      const row = Array.from(logits.subarray(i * CLASSES, (i + 1) * CLASSES));
      expect(row.indexOf(Math.min(...row))).toBe(label);
    });
  });

  it('is hard labels where a code was made in a way that is not seen through', async () => {
    const code = file((b, z) => {
      const largest = b.node('ReduceMax', [z, b.constant(int64Vector([1]))], { keepdims: 1 });
      return b.node('Where', [b.node('Equal', [z, largest]), number(b, 1), number(b, 0)]);
    });
    expect(await opened(code)).toMatchObject({ kind: 'hard-labels', unwrapped: 'none', decided: (await bare).decided });
    const adopted = await adoptModel(code, { shape: SHAPE, box: BOX });
    const { logits, kind } = await opened(adopted);
    expect({ logits, kind }).toEqual({ logits: (await opened(code)).logits, kind: 'logits' });
  });

  it('is probabilities where these are mixed by weights', async () => {
    const mixed = file((b, z) => {
      const weights = float32Tensor([CLASSES, CLASSES], [0.9, 0.05, 0.05, 0.1, 0.8, 0.1, 0, 0.2, 0.8]);
      return b.node('MatMul', [softmax(b, times(b, z, 0.05)), b.constant(weights)]);
    });
    expect(await opened(mixed)).toMatchObject({ kind: 'softmax', unwrapped: 'logarithms' });
  });

  it('is refused where rows are of length 1, unless they are asked for', async () => {
    const unit = file((b, z) => b.node('LpNormalization', [z], { axis: 1, p: 2 }));
    await expect(opened(unit)).rejects.toThrow(/an embedding.*pass --output LpNormalization/);
    expect(await opened(unit, { output: 'LpNormalization' })).toMatchObject({ kind: 'logits' });
  });

  it.each([
    ['features last', [5, 2], 5],
    ['features first, fewer than places', [2, 5], 5],
    ['places alone', [5], 5],
  ])(
    'is refused where rows have a score for each place, unless they are asked for: %s',
    async (_what, sample, places) => {
      const scored = sequence(sample, places);
      await expect(openClassifier(scored, { box: BOX })).rejects.toThrow(
        /float32\[batch, 5, 1\], one score for each place of the sample\. .*--output NAME/,
      );
      const classifier = await openClassifier(scored, { box: BOX, output: 'scores' });
      expect(classifier.classes).toBe(places);
      await classifier.dispose();
    },
  );

  it('is scores of classes where a sequence is not as long as its row', async () => {
    const classifier = await openClassifier(sequence([5, 2], 4), { box: BOX });
    expect(classifier.classes).toBe(4);
    await classifier.dispose();
  });
});

/** What people make of a single score: whether a large value still speaks for the same class, and what it is. */
const SINGLE: Readonly<Record<string, readonly [finish: Finish, rises: boolean, kind: string]>> = {
  score: [(_b, z) => z, true, 'logits'],
  'score a thousandfold': [(b, z) => times(b, z, 1000), true, 'logits'],
  'negated score': [(b, z) => b.node('Neg', [z]), false, 'logits'],
  sigmoid: [sigmoid, true, 'sigmoid'],
  'one minus sigmoid': [(b, z) => rest(b, sigmoid(b, z)), false, 'sigmoid'],
  'clipped sigmoid': [(b, z) => clip(b, sigmoid(b, z), 1e-7, 1 - 1e-7), true, 'sigmoid'],
  'hard sigmoid': [(b, z) => b.node('HardSigmoid', [z], { alpha: float(1 / 6) }), true, 'sigmoid'],
  'per cent': [(b, z) => times(b, sigmoid(b, z), 100), true, 'sigmoid'],
  'smoothed sigmoid': [(b, z) => plus(b, times(b, sigmoid(b, z), 0.98), 0.01), true, 'sigmoid'],
  'one over one and exp': [
    (b, z) => b.node('Reciprocal', [plus(b, b.node('Exp', [b.node('Neg', [z])]), 1)]),
    true,
    'sigmoid',
  ],
  'one divided by one and exp': [
    (b, z) => b.node('Div', [number(b, 1), plus(b, b.node('Exp', [b.node('Neg', [z])]), 1)]),
    true,
    'sigmoid',
  ],
  'hyperbolic tangent': [(b, z) => b.node('Tanh', [z]), true, 'sigmoid'],
  'mean of sigmoids': [(b, z) => b.node('Mean', [sigmoid(b, z), sigmoid(b, times(b, z, 2))]), true, 'sigmoid'],
  'column of two': [
    (b, z) => {
      const both = b.node('Concat', [b.node('Neg', [z]), z], { axis: 1 });
      return b.node('Slice', [
        b.node('Softmax', [both], { axis: 1 }),
        ...[1, 2, 1].map((at) => b.constant(int64Vector([at]))),
      ]);
    },
    true,
    'sigmoid',
  ],
  'one of two sigmoids': [(b, z) => chosen(b, z, sigmoid, 2, 1), true, 'sigmoid'],
  '1 minus one of two sigmoids': [(b, z) => rest(b, chosen(b, z, sigmoid, 1, 2)), false, 'sigmoid'],
  'squeezed sigmoid': [(b, z) => b.node('Squeeze', [sigmoid(b, z), b.constant(int64Vector([1]))]), true, 'sigmoid'],
};

describe('the head of a single value', () => {
  const bare = opened(file((_b, z) => z, 1));

  it.each(Object.entries(SINGLE))('is seen through: %s', async (_what, [finish, rises, kind]) => {
    const positiveIndex = rises ? 1 : 0;
    const [plain, headed] = [await bare, await opened(file(finish, 1), { positiveIndex })];
    expect(headed.kind).toBe(kind);
    expect(headed.decided).toEqual(plain.decided);
    expect(new Set(headed.decided).size).toBe(2);
    expectSameDirections(headed.gradient, plain.gradient);
    const other = await opened(file(finish, 1), { positiveIndex: positiveIndex === 1 ? 0 : 1 });
    expect(other.decided).toEqual(plain.decided.map((label) => 1 - label));
  });

  it.each([
    ['p and 1 - p', (b: Builder, p: string) => [p, rest(b, p)], 0],
    ['1 - p and p', (b: Builder, p: string) => [rest(b, p), p], 1],
  ] as const)('is seen in the two columns %s', async (_what, columns, positiveIndex) => {
    const two = file((b, z) => b.node('Concat', [...columns(b, sigmoid(b, times(b, z, 40)))], { axis: 1 }), 1);
    const plain = await opened(
      file((_b, z) => z, 1),
      { positiveIndex },
    );
    const headed = await opened(two);
    expect(headed).toMatchObject({ kind: 'softmax', unwrapped: 'exact', decided: plain.decided });
    expect(headed.logits).toEqual(plain.logits);
  });
});

describe('the output among several', () => {
  /** Scores beside values of a hidden layer of another width, neither made from the other. */
  const two = (names: readonly [string, string] = ['code', 'scores'], width = 5) =>
    file((b, z) => {
      const weights = b.constant(float32Tensor([CLASSES, width], Array.from({ length: CLASSES * width }, Math.sin)));
      b.node('MatMul', [z, weights], {}, { outputs: [names[0]] });
      b.output(names[0]);
      return b.node('Identity', [z], {}, { outputs: [names[1]] })[0]!;
    });

  const outputOf = async (bytes: Uint8Array, options: ClassifierOptions = {}) => {
    const classifier = await openClassifier(bytes, { shape: SHAPE, box: BOX, ...options });
    await classifier.dispose();
    return classifier.prepared.output;
  };

  it('is the one of as many values as there are classes', async () => {
    expect(await outputOf(two(), { classes: CLASSES })).toBe('scores');
    expect(await outputOf(two(), { classes: 5 })).toBe('code');
    await expect(outputOf(two())).rejects.toThrow(/several that could be: code .*, scores .*--output NAME/);
    await expect(outputOf(two(['code', 'scores'], CLASSES), { classes: CLASSES })).rejects.toThrow(
      /several that could/,
    );
  });

  it('is the one that is named, or asked for, or made from the others', async () => {
    expect(await outputOf(two(['code', 'logits']))).toBe('logits');
    expect(await outputOf(two(), { output: 'code' })).toBe('code');
    const chain = file((b, z) => {
      b.output(z);
      return b.node('Softmax', [z], { axis: 1 });
    });
    expect(await outputOf(chain)).toBe('Softmax');
  });

  it('is never the one of the largest scores in their order', async () => {
    const best = (finish: Finish) =>
      file((b, z) => {
        b.node('Identity', [z], {}, { outputs: ['scores'] });
        b.output('scores');
        const [values] = b.node('TopK', ['scores', b.constant(int64Vector([CLASSES]))], { axis: 1 }, { outputs: 2 });
        return finish(b, values!);
      });
    expect(await outputOf(best((_, value) => value))).toBe('scores');
    const percent = best((b, value) => times(b, softmax(b, value), 100));
    expect(await outputOf(percent)).toBe('scores');
    await expect(outputOf(percent, { output: 'Mul' })).rejects.toThrow(/the largest scores in the order of their size/);
    // Scores made of the best of something are scores.
    const square = float32Tensor([CLASSES, CLASSES], Array.from({ length: CLASSES ** 2 }, Math.sin));
    expect(await outputOf(best((b, value) => b.node('MatMul', [value, b.constant(square)])))).toBe('MatMul_1');
  });

  it('is the one of probabilities', async () => {
    const three = file((b, z) => {
      b.output(b.node('Tanh', [z]));
      return softmax(b, times(b, z, 2));
    });
    expect(await outputOf(three)).toBe('Softmax');
  });
});
