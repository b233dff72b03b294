import { Rng } from '@rampart/core';
import { float, float32Tensor, GraphBuilder, type Model, Session, type Tensor } from '@rampart/onnx';

import { gradientGraph } from './gradient-graph';

const COUNT = 3;
const rng = Rng.root('contraction');
const drawn = (...dims: number[]): Tensor =>
  float32Tensor(
    dims,
    Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => rng.normal() / 2),
  );

/** Appends one layer after another: of what there is, to what is given on. */
type Layer = readonly [name: string, dims: readonly number[], write: (builder: GraphBuilder, x: string) => string];

/** Layers with weights, each with its activation; pooling and flattening stand between them. */
const LAYERS: readonly Layer[] = [
  [
    'convolution',
    [2, 6, 6],
    (b, x) => {
      const weights = b.initializer('w1', drawn(4, 1, 3, 3));
      const attributes = { pads: [1, 1, 0, 0], strides: [2, 1], group: 2 };
      const made = b.node('Conv', [x, weights, b.initializer('b1', drawn(4))], attributes);
      const positive = { ...drawn(4), data: Float32Array.of(0.4, 0.9, 1.5, 2) } as Tensor;
      const statistics = [b.initializer('mean', drawn(4)), b.initializer('variance', positive)];
      const scale = [b.initializer('scale', drawn(4)), b.initializer('shift', drawn(4))];
      return b.node('LeakyRelu', [b.node('BatchNormalization', [made, ...scale, ...statistics])], {
        alpha: float(0.2),
      });
    },
  ],
  [
    'dense layer',
    [4 * 3 * 2],
    (b, x) => {
      const weights = b.initializer('w2', drawn(5, 24));
      return b.node('Tanh', [
        b.node('Gemm', [x, weights, b.initializer('b2', drawn(5))], { transB: 1, alpha: float(0.5), beta: float(3) }),
      ]);
    },
  ],
  [
    'product',
    [5],
    (b, x) => b.node('Add', [b.node('MatMul', [x, b.initializer('w3', drawn(5, 3))]), b.initializer('b3', drawn(3))]),
  ],
];

function modelOf(dims: readonly number[], write: (builder: GraphBuilder) => string): Model {
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', ...dims]);
  const [made] = builder.node('Identity', [write(builder)], {}, { outputs: ['logits'] });
  builder.output(made!, 'float32');
  const graph = builder.build('layers');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: 'test', metadata: new Map(), functions: [], graph };
}

/** The squared Frobenius norm of a model's Jacobian at one row, by central differences. */
async function jacobian(model: Model, row: Float32Array, dims: readonly number[]): Promise<number> {
  const H = 1e-2;
  const moved = Float32Array.from({ length: 2 * row.length * row.length }, (_, k) => {
    const [at, which] = [k % row.length, Math.floor(k / row.length)];
    return row[at]! + (Math.floor(which / 2) === at ? (which % 2 === 0 ? H : -H) : 0);
  });
  const session = await Session.open(model);
  const { logits } = await session.run({ input: float32Tensor([2 * row.length, ...dims], moved) });
  await session.dispose();
  const values = logits!.data as Float32Array;
  const size = values.length / (2 * row.length);
  let sum = 0;
  for (let at = 0; at < row.length; at++) {
    for (let k = 0; k < size; k++)
      sum += ((values[2 * at * size + k]! - values[(2 * at + 1) * size + k]!) / (2 * H)) ** 2;
  }
  return sum;
}

it("is the sum of the squared norms of the layers' Jacobians", async () => {
  const alone = LAYERS.map(([, dims, write]) => modelOf(dims, (builder) => write(builder, 'input')));
  // The same weights once more, in a row.
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', ...LAYERS[0]![1]]);
  let value = 'input';
  const entries: string[] = [];
  for (const [index, { graph }] of alone.entries()) {
    if (index === 1) {
      const pooled = builder.node('MaxPool', [value], { kernel_shape: [1, 2], strides: [1, 2] });
      value = builder.node('Flatten', [pooled], { axis: 1 });
    }
    entries.push(value);
    const names = new Map([['input', value]]);
    for (const [name, tensor] of graph.initializers) builder.initializer(name, tensor);
    for (const node of graph.nodes.slice(0, -1)) {
      const made = builder.reserve(node.op);
      builder.append({
        ...node,
        name: '',
        inputs: node.inputs.map((name) => names.get(name) ?? name),
        outputs: [made],
      });
      names.set(node.outputs[0]!, made);
      value = made;
    }
  }
  builder.node('Identity', [value], {}, { outputs: ['logits'] });
  builder.output('logits', 'float32');
  const whole: Model = { ...alone[0]!, graph: builder.build('whole') };

  const images = drawn(COUNT, ...LAYERS[0]![1]);
  const objective = { terms: [{ loss: 'contraction', input: 'images', output: 'logits' } as const] };
  const { model, loss, row, weights, views } = await gradientGraph(whole, { objective });
  const session = await Session.open(model);
  const results = await session.run({ [row]: weights.initial(), [views.get('images')!]: images });
  await session.dispose();

  const outputs = entries.slice(1).map((name) => ({ name, type: 'float32' as const, dims: undefined }));
  const inner = await Session.open({ ...whole, graph: { ...whole.graph, outputs } });
  const given = { ...(await inner.run({ input: images })), input: images };
  await inner.dispose();
  let expected = 0;
  for (const [index, [, dims]] of LAYERS.entries()) {
    const rows = given[entries[index]! as keyof typeof given]!.data as Float32Array;
    const size = rows.length / COUNT;
    for (let i = 0; i < COUNT; i++) {
      expected += (await jacobian(alone[index]!, rows.slice(i * size, (i + 1) * size), dims)) / COUNT;
    }
  }
  expect((results[loss]!.data as Float32Array)[0]! / expected).toBeCloseTo(1, 2);
});

it('refuses layers whose Jacobian their weights do not tell', async () => {
  const model = modelOf([4, 3], (builder) => {
    const weights = ['w', 'r'].map((name) => builder.initializer(name, drawn(1, 8, name === 'w' ? 3 : 2)));
    const turned = builder.node('Transpose', ['input'], { perm: [1, 0, 2] });
    const [, last] = builder.node('LSTM', [turned, ...weights], { hidden_size: 2 }, { outputs: 2 });
    return builder.node('Squeeze', [last!]);
  });
  const objective = { terms: [{ loss: 'contraction', input: 'images', output: 'logits' } as const] };
  await expect(gradientGraph(model, { objective })).rejects.toThrow(
    /is a LSTM, whose Jacobian is not known.*jacobian-regularisation/s,
  );
});
