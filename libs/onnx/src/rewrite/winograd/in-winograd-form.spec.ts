import { Numbers } from '../../gradient/check-rule.kit';
import { differentiate } from '../../gradient/differentiate';
import { GraphBuilder } from '../../graph/builder';
import type { Model, Tensor } from '../../graph/ir';
import { withOutputs } from '../../graph/outputs';
import { float32Tensor, int64Vector } from '../../graph/tensor';
import { probe } from '../../runtime/probe';
import { Session } from '../../runtime/session';
import { inWinogradForm } from './in-winograd-form';

const IMAGES = 5;

/** A network in the making, with random weights. */
class Network {
  readonly builder = new GraphBuilder();
  readonly numbers = new Numbers(7);

  constructor(dims: readonly [number, number, number], batch: string | number = 'n') {
    this.builder.input('x', 'float32', [batch, ...dims]);
  }

  weights(dims: readonly number[]): string {
    return this.builder.constant(this.numbers.uniform(dims));
  }

  conv(x: string, [count, channels, size]: readonly [number, number, number], attributes = {}): string {
    const { data } = this.numbers.uniform([count, channels, size, size]);
    const scale = 1 / (size * Math.sqrt(channels));
    const filters = float32Tensor(
      [count, channels, size, size],
      Array.from(data as Float32Array, (v) => v * scale),
    );
    return this.builder.node('Conv', [x, this.builder.constant(filters), this.weights([count])], attributes);
  }

  model(...outputs: string[]): Model {
    for (const output of outputs) this.builder.output(output, 'float32');
    const graph = this.builder.build('network');
    return { irVersion: 9, opsets: new Map([['', 18]]), producer: 'spec', metadata: new Map(), functions: [], graph };
  }
}

/** A residual block that is an output itself, and what is made of it and beside it. */
function residual(size: readonly [number, number], attributes: object): Model {
  const network = new Network([192, ...size]);
  const { builder } = network;
  const first = builder.node('Relu', [network.conv('x', [256, 192, 3], attributes)]);
  const second = network.conv(first, [256, 256, 3], { pads: [1, 1, 1, 1] });
  const scaled = builder.node('Mul', [second, network.weights([256, 1, 1])]);
  const sum = builder.node('Add', [
    scaled,
    builder.node('Clip', [first, builder.constant(float32Tensor([], [0.25])), '']),
  ]);
  const rows = (value: string) =>
    builder.node('Reshape', [builder.node('GlobalAveragePool', [value]), builder.constant(int64Vector([-1, 32]))]);
  const narrow = network.conv(sum, [32, 256, 1], { strides: [2, 2] });
  const block = builder.node('Relu', [sum]);
  const aside = network.conv(block, [32, 256, 1]);
  return network.model(block, builder.node('Add', [rows(builder.node('Sigmoid', [narrow])), rows(aside)]));
}

/** Its outputs, and the gradients of an input, of an output and of weights. */
async function valuesOf(
  model: Model,
  [channels, height, width]: readonly [number, number, number],
  weights: readonly string[] = [],
) {
  const types = await probe(model);
  const [image, of] = model.graph.outputs.map(({ name }) => name) as [string, string];
  const derived = differentiate(types.model, { of, wrt: ['x', image, ...weights], types, weights: 'inputs' });
  const outputs = [image, of, ...derived.gradients.values()];
  const session = await Session.open(withOutputs(derived.model, outputs));
  const numbers = new Numbers(3);
  const result = await session.run({
    x: numbers.uniform([IMAGES, channels, height, width]),
    [derived.weights.get(of)!]: numbers.uniform([IMAGES, ...(types.values.get(of)!.dims.slice(1) as number[])]),
  });
  await session.dispose();
  return outputs.map((name) => result[name]!);
}

/** The largest difference, in times the largest value. */
function distance(received: Tensor, expected: Tensor): number {
  expect(received.dims).toEqual(expected.dims);
  const [values, others] = [expected.data, received.data] as [Float32Array, Float32Array];
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeGreaterThan(0);
  return values.reduce((most, value, k) => Math.max(most, Math.abs(value - others[k]!)), 0) / largest;
}

describe('inWinogradForm', () => {
  it.each<[string, readonly [number, number], object]>([
    ['of both axes at once', [7, 8], { pads: [1, 1, 1, 1] }],
    ['axis by axis, unevenly padded', [17, 14], { pads: [0, 1, 2, 1] }],
    ['padded as the file says by name', [10, 13], { auto_pad: 'SAME_LOWER' }],
    ['without padding', [12, 11], { auto_pad: 'VALID' }],
  ])('keeps values and gradients up to rounding: %s', async (_what, size, attributes) => {
    const model = residual(size, attributes);
    const rewritten = inWinogradForm(model, await probe(model));
    // All that is left is the one of an output, which keeps its layout.
    expect(rewritten.graph.nodes.filter(({ op }) => op === 'Conv').map(({ inputs: [x] }) => x)).toEqual([
      model.graph.outputs[0]!.name,
    ]);
    expect(rewritten.graph.outputs).toEqual(model.graph.outputs);
    const [before, after] = [await valuesOf(model, [192, ...size]), await valuesOf(rewritten, [192, ...size])];
    before.forEach((expected, i) => expect(distance(after[i]!, expected)).toBeLessThan(2e-5));
  });

  it('keeps the gradients of weights that change', async () => {
    const network = new Network([96, 12, 13]);
    const { builder } = network;
    const first = network.conv('x', [96, 96, 3], { pads: [1, 1, 1, 1] });
    const statistics = ['mean', 'variance'].map((name) => builder.reserve(name));
    const [scale, bias] = [network.weights([96]), network.weights([96])];
    const [normalised] = builder.node(
      'BatchNormalization',
      [first, scale, bias, network.weights([96]), network.weights([96])],
      { training_mode: 1 },
      { outputs: [builder.reserve('normalised'), ...statistics] },
    );
    const scaled = builder.node('Mul', [builder.node('Relu', [normalised!]), network.weights([96, 1, 1])]);
    const second = network.conv(scaled, [96, 96, 3], { pads: [1, 0, 1, 0] });
    const narrow = network.conv(second, [8, 96, 1], { strides: [2, 2] });
    const model = network.model(narrow, builder.node('GlobalAveragePool', [builder.node('Sigmoid', [narrow])]));
    const rewritten = inWinogradForm(model, await probe(model), { weightsChange: true });
    expect(rewritten.graph.nodes.filter(({ op }) => op === 'Conv')).toEqual([]);
    // Filters, factors, and what a normalisation is given; not the bias before it, which changes nothing.
    const ofLayers = [...model.graph.initializers].flatMap(([name, { dims }]) => (dims.length > 2 ? [name] : []));
    const weights = [...ofLayers, scale, bias];
    const [before, after] = [
      await valuesOf(model, [96, 12, 13], weights),
      await valuesOf(rewritten, [96, 12, 13], weights),
    ];
    expect(weights).toHaveLength(6);
    before.forEach((expected, i) => expect(distance(after[i]!, expected)).toBeLessThan(2e-5));
  });

  it('makes single constant matrices of many large filters', async () => {
    const network = new Network([512, 4, 4]);
    const model = network.model(network.conv('x', [512, 512, 3], { pads: [1, 1, 1, 1] }));
    const rewritten = inWinogradForm(model, await probe(model));
    expect(rewritten.graph.nodes.filter(({ op }) => op === 'Split')).toHaveLength(1);
    const x = network.numbers.uniform([IMAGES, 512, 4, 4]);
    const [expected, received] = await Promise.all(
      [model, rewritten].map(async (one) => {
        const session = await Session.open(one);
        const result = await session.run({ x });
        await session.dispose();
        return Object.values(result)[0]!.data as Float32Array;
      }),
    );
    received!.forEach((value, i) => expect(Math.abs(value - expected![i]!)).toBeLessThan(1e-5));
  });

  const plain = [256, 256, 3] as const;
  it.each<[string, Model]>(
    [
      ['few channels', [16, 16, 3] as const, {}],
      ['filters of another size', [128, 128, 5] as const, {}],
      ['a convolution in steps', plain, { strides: [2, 2] }],
      ['a dilated one', plain, { dilations: [2, 2] }],
      ['large images of few channels', [64, 64, 3] as const, {}, 40],
      ['batches of one', plain, {}, 12, 1],
    ].map(([what, sizes, attributes, side = 12, batch]) => {
      const [count, channels, size] = sizes as readonly [number, number, number];
      const network = new Network([channels, side as number, side as number], batch as number | undefined);
      return [what as string, network.model(network.conv('x', [count, channels, size], attributes as object))];
    }),
  )('does not touch %s', async (_what, model) => {
    expect(inWinogradForm(model, await probe(model))).toBe(model);
  });
});
