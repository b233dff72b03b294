import { GraphBuilder } from '../graph/builder';
import type { Model, Tensor } from '../graph/ir';
import { withOutputs } from '../graph/outputs';
import { numericTensor, scalar, toNumbers } from '../graph/tensor';
import { probe } from '../runtime/probe';
import { Session } from '../runtime/session';
import { Numbers } from './check-rule.kit';
import { differentiate } from './differentiate';

/** x [N, 2, 6, 6] as float32 into a network of another type: convolution, pooling, normalisation, a choice, softmax. */
function network(type: 'float32' | 'float16' | 'bfloat16'): Model {
  const numbers = new Numbers(12);
  const b = new GraphBuilder();
  const to = { float32: 1, float16: 10, bfloat16: 16 }[type];
  const weights = (dims: readonly number[], low = -0.6, high = 0.6) =>
    b.constant(
      numericTensor(
        type,
        dims,
        toNumbers(numbers.uniform(dims, low, high)).map((v) => Math.round(v * 64) / 64),
      ),
    );
  b.input('x', 'float32', ['N', 2, 6, 6]);
  const x = b.node('Cast', ['x'], { to });
  const conv = b.node('Conv', [x, weights([4, 2, 3, 3]), weights([4])], { kernel_shape: [3, 3] });
  const pooled = b.node('MaxPool', [b.node('Relu', [conv])], { kernel_shape: [2, 2], strides: [2, 2] });
  const flat = b.node('Reshape', [pooled, b.constant({ type: 'int64', dims: [2], data: BigInt64Array.of(-1n, 16n) })]);
  const normal = b.node(
    'LayerNormalization',
    [flat, weights([16], 0.5, 1), weights([16])],
    {},
    { outputs: ['normal'] },
  )[0]!;
  const condition = b.node('Greater', [b.node('ReduceSum', ['x'], { keepdims: 0 }), b.constant(scalar(0))]);
  const branch = (op: string) => {
    const inner = new GraphBuilder(undefined, { outer: ['normal'] });
    inner.output(inner.node(op, [normal], {}, { name: `${op}_inside` }));
    return inner.build(op);
  };
  const chosen = b.node('If', [condition], { then_branch: branch('Tanh'), else_branch: branch('Sigmoid') });
  const gemm = b.node('Gemm', [chosen, weights([16, 3]), weights([3])]);
  b.node('Cast', [b.node('LogSoftmax', [gemm])], { to: 1 }, { outputs: ['y'] });
  b.output('y');
  const graph = b.build('half');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph };
}

async function gradientOf(model: Model, x: Tensor, scale: number): Promise<number[]> {
  const types = await probe(model, { feeds: { x } });
  const weights = 'inputs';
  const derived = differentiate(types.model, { of: 'y', wrt: ['x'], types, weights });
  const gradient = derived.gradients.get('x')!;
  const halves = derived.model.graph.nodes.filter(({ op, name }) => op !== 'Cast' && name.startsWith('gradient/'));
  expect(halves.length).toBeGreaterThan(0);
  const session = await Session.open(withOutputs(derived.model, [gradient]));
  try {
    const weight = numericTensor('float32', [2, 3], [scale, 0, 0, 0, scale, 0]);
    const result = (await session.run({ x, [derived.weights.get('y')!]: weight }))[gradient]!;
    expect(result.type).toBe('float32');
    return toNumbers(result).map((value) => value / scale);
  } finally {
    await session.dispose();
  }
}

describe.each(['float16', 'bfloat16'] as const)('a network in %s', (type) => {
  const numbers = new Numbers(4);
  const tensor = numbers.uniform([2, 2, 6, 6]);
  const x = numericTensor(
    'float32',
    tensor.dims,
    toNumbers(tensor).map((value) => Math.round(value * 32) / 32),
  );

  it('has nearly the gradient of the same network in float32', async () => {
    const [half, single] = [await gradientOf(network(type), x, 1), await gradientOf(network('float32'), x, 1)];
    const size = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
    const error = size(half.map((value, i) => value - single[i]!)) / size(single);
    // What the forward half rounds away stays.
    expect(error).toBeLessThan(type === 'float16' ? 2e-3 : 1e-6);
  });

  it('keeps gradients that a half could not hold', async () => {
    const tiny = await gradientOf(network(type), x, 2 ** -60);
    const whole = await gradientOf(network(type), x, 1);
    tiny.forEach((value, i) => expect(value).toBeCloseTo(whole[i]!, 5));
  });
});
