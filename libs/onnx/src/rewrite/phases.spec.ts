import { GraphBuilder } from '../graph/builder';
import type { Model } from '../graph/ir';
import { withOutputs } from '../graph/outputs';
import { float32Tensor } from '../graph/tensor';
import { probe } from '../runtime/probe';
import { Session } from '../runtime/session';
import { Numbers } from '../gradient/check-rule.kit';
import { differentiate } from '../gradient/differentiate';
import { inPhases } from './phases';

interface Stage {
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly pads?: readonly number[];
  readonly strides?: readonly number[];
  readonly bias?: boolean;
  readonly relu?: boolean;
  readonly pool?: 'MaxPool' | 'AveragePool';
  readonly poolStrides?: readonly number[];
  /** Declares the convolution's result as an output, too. */
  readonly shown?: boolean;
  readonly batch?: number;
}

const SIZE = [16, 18] as const;

function stageOf(stage: Stage): Model {
  const { channels, filters, kernel, pads, strides, bias = true, relu = true, pool = 'MaxPool' } = stage;
  const numbers = new Numbers(filters);
  const levels = (dims: readonly number[]) => {
    const count = dims.reduce((product, size) => product * size, 1);
    return float32Tensor(
      dims,
      Array.from({ length: count }, () => numbers.integer(-2, 2) / 2),
    );
  };
  const builder = new GraphBuilder();
  builder.input('x', 'float32', [stage.batch ?? 'n', channels, ...SIZE]);
  const inputs = ['x', builder.constant(levels([filters, channels, ...kernel]))];
  if (bias) inputs.push(builder.constant(levels([filters])));
  const convolved = builder.node('Conv', inputs, { ...(pads && { pads }), ...(strides && { strides }) });
  if (stage.shown) builder.output(convolved, 'float32');
  builder.output(
    builder.node(pool, [relu ? builder.node('Relu', [convolved]) : convolved], {
      kernel_shape: [2, 2],
      strides: stage.poolStrides ?? [2, 2],
    }),
    'float32',
  );
  const graph = builder.build('stage');
  return { irVersion: 9, opsets: new Map([['', 18]]), producer: 'spec', metadata: new Map(), functions: [], graph };
}

/** What a model makes of few levels, so that maxima are often equal, and the gradient of a weighted sum of it. */
async function valuesOf(model: Model, { channels }: Stage) {
  const numbers = new Numbers(3);
  const count = 3 * channels * SIZE[0] * SIZE[1];
  const x = Array.from({ length: count }, () => numbers.integer(-1, 1) / 2);
  const types = await probe(model);
  const of = model.graph.outputs.at(-1)!.name;
  const derived = differentiate(types.model, { of, wrt: ['x'], types, weights: 'inputs' });
  const session = await Session.open(withOutputs(derived.model, [of, derived.gradients.get('x')!]));
  const dims = [3, ...types.values.get(of)!.dims.slice(1)] as number[];
  const results = await session.run({
    x: float32Tensor([3, channels, ...SIZE], x),
    [derived.weights.get(of)!]: numbers.uniform(dims),
  });
  await session.dispose();
  return { values: results[of]!, gradient: results[derived.gradients.get('x')!]! };
}

describe('inPhases', () => {
  it.each<[string, Stage]>([
    ['a maximum after Relu', { channels: 1, filters: 6, kernel: [5, 5] }],
    ['a maximum of colours, padded', { channels: 3, filters: 16, kernel: [3, 3], pads: [1, 1, 1, 1] }],
    ['a maximum without Relu or bias', { channels: 2, filters: 3, kernel: [3, 5], relu: false, bias: false }],
    ['a mean, unevenly padded', { channels: 1, filters: 6, kernel: [3, 4], pads: [2, 0, 0, 1], pool: 'AveragePool' }],
  ])('leaves values and gradients as they are: %s', async (_what, stage) => {
    const model = stageOf(stage);
    const types = await probe(model);
    const before = await valuesOf(model, stage);
    for (const weightsChange of [false, true]) {
      const rewritten = inPhases(model, types, { weightsChange });
      expect(rewritten.graph.nodes.find(({ op }) => op === 'Conv')!.attributes['strides']).toMatchObject({
        value: [2, 2],
      });
      expect(rewritten.graph.nodes.some(({ op }) => op.endsWith('Pool'))).toBe(false);
      const after = await valuesOf(rewritten, stage);
      expect(after.values.dims).toEqual(before.values.dims);
      for (const name of ['values', 'gradient'] as const) {
        const [expected, received] = [before[name].data, after[name].data] as [Float32Array, Float32Array];
        expect(received).toHaveLength(expected.length);
        received.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
      }
    }
  });

  it('takes the weights as they are where they change', async () => {
    const model = stageOf({ channels: 1, filters: 6, kernel: [5, 5] });
    const { graph } = inPhases(model, await probe(model), { weightsChange: true });
    const conv = graph.nodes.find(({ op }) => op === 'Conv')!;
    for (const name of conv.inputs.slice(1)) expect(graph.initializers.has(name)).toBe(false);
    const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
    for (const name of model.graph.initializers.keys()) expect(read).toContain(name);
  });

  const plain: Stage = { channels: 1, filters: 6, kernel: [5, 5] };
  it.each<[string, Stage]>([
    ['many channels', { ...plain, channels: 5 }],
    ['small filters', { ...plain, kernel: [1, 3] }],
    ['a convolution in steps', { ...plain, strides: [2, 1], kernel: [4, 3] }],
    ['overlapping windows', { ...plain, poolStrides: [1, 1] }],
    ['windows that leave a row out', { ...plain, kernel: [4, 5] }],
    ['a convolution that is used elsewhere', { ...plain, shown: true }],
    ['means of channels that fill blocks', { ...plain, filters: 32, pool: 'AveragePool' }],
    ['few elements', { ...plain, batch: 1 }],
  ])('does not touch %s', async (_what, stage) => {
    const model = stageOf(stage);
    expect(inPhases(model, await probe(model))).toBe(model);
  });
});
