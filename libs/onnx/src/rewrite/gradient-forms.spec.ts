import { Numbers } from '../gradient/check-rule.kit';
import { differentiate } from '../gradient/differentiate';
import type { AttributeInputs } from '../graph/attribute';
import { GraphBuilder } from '../graph/builder';
import type { Model, Tensor } from '../graph/ir';
import { withOutputs } from '../graph/outputs';
import { probe } from '../runtime/probe';
import { Session } from '../runtime/session';
import type { Rewrite } from './rewrites';

interface Layer {
  readonly op: string;
  /** Of a sample. */
  readonly dims: readonly number[];
  /** The axis of the samples, where it is not the first. */
  readonly batch?: number;
  readonly weights?: readonly (readonly number[])[];
  readonly attributes: AttributeInputs;
  /** What the gradient is taken by: the input, or else the first of the weights. */
  readonly byWeights?: boolean;
}

const IMAGES = 4;

/** Layers that take the form, on values of few levels, so that extremes are often equal. */
const LAYERS: readonly (readonly [Rewrite, Layer])[] = [
  ['pairs', { op: 'MaxPool', dims: [16, 20, 22], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }],
  [
    'thirds',
    { op: 'MaxPool', dims: [16, 20, 22], attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 0, 0] } },
  ],
  ['mirrored-conv', { op: 'Conv', dims: [32, 9, 10], weights: [[48, 32, 3, 3]], attributes: { pads: [1, 1, 1, 1] } }],
  ...[
    { dims: [3, 9, 10], weights: [[4, 3, 3, 2]], attributes: { pads: [1, 0, 2, 1] } },
    // What windows in steps do not reach at the end.
    { dims: [6, 9, 12], weights: [[4, 3, 3, 3]], attributes: { strides: [3, 2], dilations: [2, 1], group: 2 } },
    { dims: [2, 11], weights: [[5, 2, 4]], attributes: { strides: [3], pads: [2, 0] } },
    { dims: [2, 4, 5, 6], weights: [[3, 2, 2, 3, 2]], attributes: { strides: [1, 2, 2] } },
  ].map((layer): readonly [Rewrite, Layer] => ['interleaved-channels', { op: 'Conv', ...layer, byWeights: true }]),
  [
    'interleaved-channels',
    {
      op: 'ConvTranspose',
      dims: [3, 5, 6],
      weights: [[3, 2, 3, 3]],
      attributes: { strides: [2, 2], pads: [1, 1, 0, 1] },
      byWeights: true,
    },
  ],
  [
    'scanned-recurrence',
    {
      op: 'LSTM',
      dims: [7, 5],
      batch: 1,
      weights: [
        [2, 12, 5],
        [2, 12, 3],
      ],
      attributes: { hidden_size: 3, direction: 'bidirectional' },
    },
  ],
];

const inputDims = <T>({ dims, batch = 0 }: Layer, size: T): (number | T)[] => dims.toSpliced(batch, 0, size as never);

function modelOf(layer: Layer): Model {
  const numbers = new Numbers(5);
  const builder = new GraphBuilder();
  builder.input('x', 'float32', inputDims(layer, layer.batch === undefined ? 'n' : IMAGES));
  const weights = (layer.weights ?? []).map((dims) => builder.constant(numbers.uniform(dims)));
  builder.output(builder.node(layer.op, ['x', ...weights], layer.attributes), 'float32');
  const graph = builder.build(layer.op);
  return { irVersion: 9, opsets: new Map([['', 18]]), producer: 'spec', metadata: new Map(), functions: [], graph };
}

async function gradientOf(layer: Layer, without: readonly Rewrite[]): Promise<{ gradient: Tensor; ops: string[] }> {
  const model = modelOf(layer);
  const types = await probe(model);
  const of = model.graph.outputs[0]!.name;
  const by = layer.byWeights ? [...model.graph.initializers.keys()][0]! : 'x';
  const derived = differentiate(types.model, { of, wrt: [by], types, weights: 'inputs', without });
  const gradient = derived.gradients.get(by)!;
  const wanted = withOutputs(derived.model, [gradient]);
  const session = await Session.open(wanted);
  const numbers = new Numbers(9);
  const levels = numbers.uniform(inputDims(layer, IMAGES));
  const x = { ...levels, data: Float32Array.from(levels.data as Float32Array, (value) => Math.round(value * 3) / 3) };
  const dims = types.values.get(of)!.dims.map((dim) => (typeof dim === 'number' ? dim : IMAGES));
  const results = await session.run({ x, [derived.weights.get(of)!]: numbers.uniform(dims) });
  await session.dispose();
  return { gradient: results[gradient]!, ops: wanted.graph.nodes.map(({ op }) => op) };
}

describe('forms that gradients take', () => {
  it.each(LAYERS)('%s gives the gradient that there is without it', async (rewrite, layer) => {
    const [fast, plain] = [await gradientOf(layer, []), await gradientOf(layer, [rewrite])];
    expect(fast.ops).not.toEqual(plain.ops);
    expect(fast.gradient.dims).toEqual(plain.gradient.dims);
    const [received, expected] = [fast.gradient.data, plain.gradient.data] as [Float32Array, Float32Array];
    expect(received.some((value) => Math.abs(value) > 0.1)).toBe(true);
    expect(received.filter((value, i) => !(Math.abs(value - expected[i]!) < 1e-4))).toHaveLength(0);
  });
});
