import { GraphBuilder } from '../graph/builder';
import type { Model, Tensor } from '../graph/ir';
import { withOutputs } from '../graph/outputs';
import { float32Tensor, int64Tensor, scalar, tensor } from '../graph/tensor';
import { probe } from '../runtime/probe';
import { Session } from '../runtime/session';
import { Numbers } from './check-rule.kit';
import { differentiate } from './differentiate';

/** A model of `x` [n, 3] with the output `y`. */
function modelOf(build: (builder: GraphBuilder) => string): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', 3]);
  const output = build(builder);
  builder.node('Identity', [output], {}, { outputs: ['y'] });
  builder.output('y');
  const graph = builder.build('graph');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph };
}

const x = float32Tensor([2, 3], [0.2, -1.4, 2.6, 0.9, -0.3, 1.1]);

/** What the model makes of x, and the gradient of that by x, weighted. */
async function straightThrough(model: Model, weights: readonly number[]) {
  const feeds: Record<string, Tensor> = { x };
  const types = await probe(model, { feeds });
  const derived = differentiate(model, { of: 'y', wrt: ['x'], types, weights: 'inputs', straightThrough: true });
  const gradient = derived.gradients.get('x')!;
  const session = await Session.open(withOutputs(derived.model, ['y', gradient]));
  const plain = await Session.open(model);
  try {
    const results = await session.run({ ...feeds, [derived.weights.get('y')!]: float32Tensor([2, 3], weights) });
    expect(results['y']).toEqual((await plain.run(feeds))['y']);
    return Array.from(results[gradient]!.data as Float32Array);
  } finally {
    await session.dispose();
    await plain.dispose();
  }
}

const WEIGHTS = [1, -2, 3, 0.5, 4, -1];

function expectClose(received: readonly number[], expected: readonly number[]): void {
  expect(received).toHaveLength(expected.length);
  received.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
}

describe('a straight-through gradient', () => {
  it.each(['Round', 'Floor', 'Ceil', 'Sign'])('passes %s as it is', async (op) => {
    const model = modelOf((b) => b.node(op, [b.node('Mul', ['x', b.constant(scalar(3))])]));
    expectClose(
      await straightThrough(model, WEIGHTS),
      WEIGHTS.map((weight) => 3 * weight),
    );
  });

  it('keeps the ways around a step: x round(x) has the slope x + round(x)', async () => {
    const model = modelOf((b) => b.node('Mul', ['x', b.node('Round', ['x'])]));
    const values = Array.from(x.data as Float32Array);
    expectClose(
      await straightThrough(model, WEIGHTS),
      values.map((value, i) => WEIGHTS[i]! * (value + Math.round(value))),
    );
  });

  it('takes Hardmax for Softmax', async () => {
    const of = (op: string) =>
      straightThrough(
        modelOf((b) => b.node(op, ['x'], { axis: 1 })),
        WEIGHTS,
      );
    expectClose(await of('Hardmax'), await of('Softmax'));
  });

  it.each([
    ['int64', 7],
    ['int32', 6],
    ['uint8', 2],
  ])('passes a cast to %s and back', async (_type, to) => {
    const model = modelOf((b) => {
      const levels = b.node('Cast', [b.node('Mul', [b.node('Abs', ['x']), b.constant(scalar(7))])], { to });
      return b.node('Div', [b.node('Cast', [levels], { to: 1 }), b.constant(scalar(7))]);
    });
    expectClose(
      await straightThrough(model, WEIGHTS),
      WEIGHTS.map((weight, i) => weight * Math.sign(x.data[i] as number)),
    );
  });

  it('differentiates arithmetic of integers as that of floats', async () => {
    const model = modelOf((b) => {
      const whole = b.node('Cast', ['x'], { to: 7 });
      const times = b.node('Mul', [whole, b.constant(int64Tensor([3], [2, 3, 4]))]);
      return b.node('Cast', [b.node('Add', [times, whole])], { to: 1 });
    });
    expectClose(
      await straightThrough(model, WEIGHTS),
      WEIGHTS.map((weight, i) => weight * [3, 4, 5][i % 3]!),
    );
  });

  it('passes products of integers with their scales, inside of their range', async () => {
    const matrix = [100, -50, 20, 10, 70, -90, 30, 40, 60];
    const model = modelOf((b) => {
      const [scale, zero] = [b.constant(scalar(0.02)), b.constant(scalar(128, 'uint8'))];
      const whole = b.node('QuantizeLinear', ['x', scale, zero]);
      const by = [b.constant(tensor('int8', [3, 3], Int8Array.from(matrix))), b.constant(scalar(0.01))];
      const unit = [b.constant(scalar(0.03)), b.constant(scalar(120, 'uint8'))];
      const product = b.node('QLinearMatMul', [whole, scale, zero, ...by, b.constant(scalar(0, 'int8')), ...unit]);
      return b.node('DequantizeLinear', [product, ...unit]);
    });
    const expected = Array.from({ length: 6 }, (_, place) => {
      const [row, i] = [Math.floor(place / 3), place % 3];
      // The third value of the first row is beyond what 8 bits hold.
      if (place === 2) return 0;
      return [0, 1, 2].reduce((sum, j) => sum + WEIGHTS[3 * row + j]! * 0.01 * matrix[3 * i + j]!, 0);
    });
    expectClose(await straightThrough(model, WEIGHTS), expected);
  });

  it('passes integers through what moves and picks them', async () => {
    const moved = (convert: boolean) =>
      modelOf((b) => {
        const cast = (value: string, to: number) => (convert ? b.node('Cast', [value], { to }) : value);
        const scaled = cast(b.node('Mul', ['x', b.constant(scalar(10))]), 6);
        const [first, rest] = b.node(
          'Split',
          [scaled, b.constant(int64Tensor([2], [1, 2]))],
          { axis: 1 },
          { outputs: 2 },
        );
        const turned = b.node('Transpose', [b.node('Transpose', [rest!], { perm: [1, 0] })], { perm: [1, 0] });
        const picked = b.node('Gather', [turned, b.constant(int64Tensor([2], [1, 1]))], { axis: 1 });
        const sliced = b.node('Slice', [turned, ...[[0], [1], [1]].map((at) => b.constant(int64Tensor([1], at)))]);
        const sum = b.node('Add', [first!, b.node('ReduceSum', [picked, b.constant(int64Tensor([1], [1]))])]);
        const [largest] = b.node('TopK', [turned, b.constant(int64Tensor([1], [1]))], { axis: 1 }, { outputs: 2 });
        return cast(b.node('Concat', [sum, sliced, largest!], { axis: 1 }), 1);
      });
    const expected = await straightThrough(moved(false), WEIGHTS);
    expectClose(await straightThrough(moved(true), WEIGHTS), expected);
    expect(expected).not.toContain(NaN);
  });

  it('stops at what is picked by integers', async () => {
    const picked = (table: Tensor) =>
      modelOf((b) => {
        const places = b.node('Cast', [b.node('Abs', ['x'])], { to: 7 });
        const found = b.node('Gather', [b.constant(table), places]);
        return b.node('Add', [b.node('Cast', [found], { to: 1 }), 'x']);
      });
    expectClose(await straightThrough(picked(float32Tensor([4], [3, 1, 4, 1])), WEIGHTS), WEIGHTS);
    expectClose(await straightThrough(picked(int64Tensor([4], [3, 1, 4, 1])), WEIGHTS), WEIGHTS);
  });

  it('pools integers as floats', async () => {
    const pooled = (convert: boolean) =>
      modelOf((b) => {
        const levels = b.node('Add', [b.node('Mul', ['x', b.constant(scalar(10))]), b.constant(scalar(50))]);
        const image = b.node('Unsqueeze', [levels, b.constant(int64Tensor([2], [1, 2]))]);
        const bytes = convert ? b.node('Cast', [image], { to: 2 }) : image;
        const largest = b.node('MaxPool', [bytes], { kernel_shape: [1, 2], pads: [0, 0, 0, 1] });
        const rows = b.node('Flatten', [convert ? b.node('Cast', [largest], { to: 1 }) : largest]);
        return b.node('Identity', [rows]);
      });
    expectClose(await straightThrough(pooled(true), WEIGHTS), await straightThrough(pooled(false), WEIGHTS));
  });

  it('stops at bool, as a comparison has no number that it follows', async () => {
    const model = modelOf((b) => b.node('Cast', [b.node('Greater', ['x', b.constant(scalar(0))])], { to: 1 }));
    expect(await straightThrough(model, WEIGHTS)).toEqual(WEIGHTS.map(() => 0));
  });

  it('passes quantisation inside its range', async () => {
    // From -1.28 to 1.27 in steps of a hundredth.
    const model = modelOf((b) => {
      const [scale, zero] = [b.constant(scalar(0.01)), b.constant(tensor('int8', [], Int8Array.of(0)))];
      const quantised = b.node('QuantizeLinear', ['x', scale, zero]);
      return b.node('DequantizeLinear', [quantised, scale, zero]);
    });
    expectClose(await straightThrough(model, WEIGHTS), [1, 0, 0, 0.5, 4, -1]);
  });

  it('passes quantisation by a scale a channel', async () => {
    const model = modelOf((b) => {
      const scales = b.constant(float32Tensor([3], [0.01, 0.02, 0.005]));
      const zeros = b.constant(tensor('uint8', [3], Uint8Array.of(0, 128, 0)));
      const quantised = b.node('QuantizeLinear', ['x', scales, zeros], { axis: 1 });
      return b.node('DequantizeLinear', [b.node('Identity', [quantised]), scales, zeros], { axis: 1 });
    });
    // The third channel holds 0 to 1.275, the second -2.56 to 2.54.
    expectClose(await straightThrough(model, WEIGHTS), [1, -2, 0, 0.5, 4, -1]);
  });

  it('passes the product of dynamically quantised values, as onnxruntime writes it', async () => {
    const matrix = Int8Array.of(12, -7, 3, 5, 100, -60, 0, 44, -128);
    const model = modelOf((b) => {
      const [levels, scale, zero] = b.node('DynamicQuantizeLinear', ['x'], {}, { outputs: 3 }) as [
        string,
        string,
        string,
      ];
      const product = b.node('MatMulInteger', [
        levels,
        b.constant(tensor('int8', [3, 3], matrix)),
        zero,
        b.constant(tensor('int8', [], Int8Array.of(2))),
      ]);
      const scales = b.node('Mul', [scale, b.constant(scalar(0.02))]);
      return b.node('Mul', [b.node('Cast', [product], { to: 1 }), scales]);
    });
    const expected = [0, 1].flatMap((row) =>
      [0, 1, 2].map((k) =>
        [0, 1, 2].reduce((sum, j) => sum + WEIGHTS[row * 3 + j]! * 0.02 * (matrix[k * 3 + j]! - 2), 0),
      ),
    );
    expectClose(await straightThrough(model, WEIGHTS), expected);
  });

  it('passes the convolution of integers as that of floats', async () => {
    const filters = new Numbers(3).uniform([2, 1, 2], -100, 100);
    const integers = tensor(
      'uint8',
      [2, 1, 2],
      Uint8Array.from(filters.data as Float32Array, (v) => 100 + v / 2),
    );
    const floats = float32Tensor(
      [2, 1, 2],
      Array.from(integers.data as Uint8Array, (value) => value - 90),
    );
    const convolved = (b: GraphBuilder, conv: (image: string) => string) => {
      const image = b.node('Unsqueeze', ['x', b.constant(int64Tensor([1], [1]))]);
      return b.node('ReduceSum', [conv(image), b.constant(int64Tensor([1], [2]))], { keepdims: 0 });
    };
    const pad = (b: GraphBuilder, pair: string) =>
      b.node('Concat', [pair, b.node('ReduceSum', [pair, b.constant(int64Tensor([1], [1]))])], { axis: 1 });
    const whole = modelOf((b) =>
      pad(
        b,
        convolved(b, (image) => {
          const levels = b.node('Cast', [b.node('Add', [image, b.constant(scalar(5))])], { to: 2 });
          const zeros = [Uint8Array.of(5), Uint8Array.of(90)].map((data) => b.constant(tensor('uint8', [], data)));
          return b.node('Cast', [b.node('ConvInteger', [levels, b.constant(integers), ...zeros])], { to: 1 });
        }),
      ),
    );
    const smooth = modelOf((b) =>
      pad(
        b,
        convolved(b, (image) => b.node('Conv', [image, b.constant(floats)])),
      ),
    );
    expectClose(await straightThrough(whole, WEIGHTS), await straightThrough(smooth, WEIGHTS));
  });
});
