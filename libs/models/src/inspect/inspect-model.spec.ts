import { float32Tensor, GraphBuilder, int64Vector, type Model, scalar, tensor } from '@rampart/onnx';

import { inspectModel } from './inspect-model';

const WEIGHTS = float32Tensor(
  [12, 3],
  Array.from({ length: 36 }, (_, i) => Math.sin(1 + i)),
);

const OPSETS = new Map([
  ['', 18],
  ['com.microsoft', 1],
]);

/** A linear model of images of 3x4 pixels, and what somebody does to its scores. */
function linear(finish: (builder: GraphBuilder, scores: string) => string, weights = WEIGHTS): Model {
  const builder = new GraphBuilder();
  builder.input('image', 'float32', ['n', 1, 3, 4]);
  const rows = builder.node('Flatten', ['image'], { axis: 1 });
  const scores = builder.node('MatMul', [rows, builder.initializer('weights', weights)]);
  const output = finish(builder, scores);
  builder.output(output, 'float32', ['n', 3]);
  const graph = builder.build('linear');
  return { irVersion: 9, opsets: OPSETS, producer: 'spec', metadata: new Map(), graph, functions: [] };
}

const texts = ({ findings }: Awaited<ReturnType<typeof inspectModel>>, level: string) =>
  findings.filter((finding) => finding.level === level).map(({ text }) => text);

describe('inspectModel', () => {
  it.each([
    ['what they choose', 'rows', (_b: GraphBuilder, rows: string) => rows],
    // What is computed from the places themselves, such as masks, is no part that a cut leaves behind.
    [
      'a value behind what they choose',
      'both',
      (b: GraphBuilder, rows: string) => {
        const places = b.node('Unsqueeze', [b.node('Cast', ['tokens'], { to: 1 }), b.constant(int64Vector([2]))]);
        return b.node('Add', [rows, places], {}, { outputs: ['both'] })[0]!;
      },
    ],
  ] as const)(
    'names a value that can be attacked where places in a quantised table are taken: %s',
    async (way, place, finish) => {
      const b = new GraphBuilder();
      b.input('tokens', 'int64', ['n', 4]);
      const table = b.constant(
        tensor(
          'uint8',
          [5, 3],
          Uint8Array.from({ length: 15 }, (_, i) => (37 * i) % 256),
        ),
      );
      const codes = b.node('Gather', [table, 'tokens']);
      const rows = b.node('DequantizeLinear', [codes, b.constant(scalar(0.01))], {}, { outputs: ['rows'] })[0]!;
      const flat = b.node('Flatten', [finish(b, rows)], { axis: 1 });
      b.output(b.node('MatMul', [flat, b.constant(WEIGHTS)]), 'float32', ['n', 3]);
      const model = {
        irVersion: 9,
        opsets: OPSETS,
        producer: '',
        metadata: new Map(),
        functions: [],
        graph: b.build('text'),
      };
      const { findings, summary } = await inspectModel(model);
      expect(findings.map(({ text }) => text)).toContainEqual(
        expect.stringContaining(`Attack ${way}: --attack-at "${place}"`),
      );
      expect(summary.next).toContain(`--attack-at "${place}"`);
    },
  );

  it('tells what a sound model is', async () => {
    const inspection = await inspectModel(linear((_, scores) => scores));
    expect(inspection).toMatchObject({
      inputs: [{ name: 'image', type: 'float32', shape: ['n', 1, 3, 4] }],
      opset: 18,
      producer: 'spec',
      parameters: 36,
      head: 'logits',
      classifier: { classes: 3, layout: 'nchw', batch: null },
      behaviour: { deterministic: true, finite: true, gradient: { compared: 36, zero: 0, nan: 0, infinite: 0 } },
    });
    expect(inspection.behaviour!.gradient!.error).toBeLessThan(1e-3);
    expect(texts(inspection, 'problem')).toEqual([]);
    const [flatten, product] = inspection.graph;
    expect(flatten).toMatchObject({ operator: 'Flatten', after: [], attributes: { axis: '1' } });
    expect(product).toMatchObject({
      operator: 'MatMul',
      after: [flatten!.id],
      constants: { weights: 'float32[12, 3]' },
    });
  });

  it('notices randomness', async () => {
    const noisy = linear((builder, scores) =>
      builder.node('Add', [scores, builder.node('RandomNormalLike', [scores])]),
    );
    const inspection = await inspectModel(noisy);
    expect(inspection.behaviour!.deterministic).toBe(false);
    expect(texts(inspection, 'problem').join()).toContain('Not deterministic');
  });

  it('notices images of a batch that influence each other', async () => {
    const mixing = linear((builder, scores) => {
      const axis = builder.constant({ type: 'int64', dims: [1], data: BigInt64Array.of(0n) });
      return builder.node('Sub', [scores, builder.node('ReduceMean', [scores, axis], { keepdims: 1 })]);
    });
    const inspection = await inspectModel(mixing);
    expect(inspection.behaviour!.batchDifference).toBeGreaterThan(0.1);
    expect(texts(inspection, 'problem').join()).toContain('influence each other');
  });

  it('says what is the matter where a batch is quantised by the range of all of it', async () => {
    const dynamic = linear((builder, scores) => {
      const [whole, scale, zero] = builder.node('DynamicQuantizeLinear', [scores], {}, { outputs: 3 });
      return builder.node('DequantizeLinear', [whole!, scale!, zero!]);
    });
    const { summary, findings } = await inspectModel(dynamic);
    expect(findings.find(({ level }) => level === 'problem')!.text).toMatch(/by the range of all of them/);
    expect(summary.next).toMatch(/^Next: quantise it with ranges that are fixed \(statically\)/);
  });

  it.each(['uint8', 'int8'] as const)('compares gradients of %s by whole numbers', async (type) => {
    const builder = new GraphBuilder();
    builder.input('image', type, ['n', 3, 4, 1]);
    const pixels = builder.node('Cast', ['image'], { to: 1 });
    const rows = builder.node('Flatten', [builder.node('Div', [pixels, builder.constant(scalar(64))])], { axis: 1 });
    const scores = builder.node('MatMul', [rows, builder.initializer('weights', WEIGHTS)]);
    builder.output(builder.node('Tanh', [scores]));
    const inspection = await inspectModel({ ...linear((_, same) => same), graph: builder.build('whole') });
    expect(inspection.behaviour!.gradient!.compared).toBeGreaterThan(20);
    expect(inspection.summary.gradients).toMatch(/^Gradients: exact, within \d\.\de-[3-9]/);
  });

  it('says what samples are by the input that is attacked, whichever is first', async () => {
    const builder = new GraphBuilder(linear((_, scores) => scores).graph);
    const graph = builder.build('two');
    const gain = { name: 'gain', type: 'float32', dims: ['k', 1] } as const;
    const scaled = new GraphBuilder({ ...graph, inputs: [gain, ...graph.inputs], outputs: [] });
    scaled.output(scaled.node('Mul', [graph.outputs[0]!.name, scaled.node('ReduceMax', ['gain'], { keepdims: 0 })]));
    const model = { ...linear((_, scores) => scores), graph: scaled.build('scaled') };
    const { summary } = await inspectModel(model, { held: { gain: 2 } });
    expect(summary.is).toContain('of samples of 1x3x4');
  });

  it('names an operator without a gradient, and what attacks do then', async () => {
    const odd = linear((builder, scores) =>
      builder.node('Mul', [
        scores,
        builder.node('Inverse', [square(builder, scores)], {}, { domain: 'com.microsoft' }),
      ]),
    );
    const inspection = await inspectModel(odd);
    const name = 'com.microsoft.Inverse';
    expect(inspection.operators).toContainEqual({ name, count: 1, gradient: 'missing' });
    expect(inspection.behaviour!.gradient).toBeUndefined();
    expect(texts(inspection, 'note').join()).toMatch(/No gradient for com.microsoft.Inverse.*estimated from queries/);
  });

  it('notices a gradient that is zero everywhere', async () => {
    const inspection = await inspectModel(linear((builder, scores) => builder.node('Round', [scores])));
    expect(inspection.behaviour!.gradient).toMatchObject({ zero: 1 });
    expect(texts(inspection, 'note').join()).toContain('changes in steps only');
  });

  it('doubts that the values of an inner layer are scores of classes', async () => {
    const pooled = await inspectModel(linear((builder, scores) => builder.node('Tanh', [scores])));
    expect(texts(pooled, 'note').join()).toMatch(
      /last operator of "Tanh" is Tanh, as of an inner layer or an embedding/,
    );
  });

  it('says first what the file is, whether its gradients are exact, and what to do next', async () => {
    const probabilities = await inspectModel(
      linear((builder, scores) => builder.node('Softmax', [scores], { axis: 1 })),
    );
    expect(probabilities.summary).toEqual({
      is: 'A classifier of 3 classes, of samples of 1x3x4; its output "Softmax" is probabilities of classes.',
      gradients: expect.stringMatching(/^Gradients: exact, within .* of finite differences\.$/),
      next: 'Next: rampart evaluate MODEL --dataset NAME --preprocess auto, on data of 3 classes.',
    });
    const stepped = await inspectModel(linear((builder, scores) => builder.node('Round', [scores])));
    expect(stepped.summary.gradients).toMatch(/not exact.*straight through the steps/);
    expect(stepped.behaviour).toMatchObject({ gradients: 'straight-through' });
    const noisy = await inspectModel(
      linear((builder, scores) => builder.node('Add', [scores, builder.node('RandomNormalLike', [scores])])),
    );
    expect(noisy.summary.next).toMatch(/evaluation mode.*Not deterministic/);
    const none = await inspectModel(linear((builder, scores) => builder.node('Concat', [scores, scores], { axis: 0 })));
    expect(none.summary).toMatchObject({
      is: expect.stringContaining('No classifier'),
      next: expect.stringContaining('rows that are not one a sample'),
    });
  });

  it('notices weights with NaN', async () => {
    const weights = float32Tensor(
      [12, 3],
      Float32Array.from(WEIGHTS.data as Float32Array, (v, i) => (i === 5 ? NaN : v)),
    );
    const inspection = await inspectModel(linear((_, scores) => scores, weights));
    expect(texts(inspection, 'problem')[0]).toContain('Weights with NaN: weights');
  });

  it('still tells what the file declares where ONNX Runtime refuses it', async () => {
    const inspection = await inspectModel(linear((builder, scores) => builder.node('Telepathy', [scores])));
    expect(inspection).toMatchObject({ head: 'unknown', parameters: 36 });
    expect(inspection.operators).toContainEqual({ name: 'Telepathy', count: 1, gradient: 'missing' });
    expect(texts(inspection, 'problem').join()).toContain('Telepathy');
  });
});

/** One 1x1 matrix of all of it, so that a determinant can be taken. */
function square(builder: GraphBuilder, value: string): string {
  const shape = builder.constant({ type: 'int64', dims: [2], data: BigInt64Array.of(1n, 1n) });
  return builder.node('Reshape', [builder.node('ReduceMax', [value], { keepdims: 1 }), shape]);
}
