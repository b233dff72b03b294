import { GraphBuilder } from '../graph/builder';
import { float32Tensor, int64Vector, scalar } from '../graph/tensor';
import { probe } from '../runtime/probe';
import { stepOperators } from './step-operators';

/** What lies between `x` [n, 3] and what is built of it. */
async function stepsOf(build: (builder: GraphBuilder) => string) {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', 3]);
  const to = build(builder);
  builder.output(to);
  const graph = builder.build('graph');
  const opsets = new Map([
    ['', 17],
    ['ai.onnx.ml', 3],
  ]);
  const types = await probe({ irVersion: 8, opsets, producer: '', metadata: new Map(), functions: [], graph });
  return stepOperators(types, { from: 'x', to });
}

const weights = (b: GraphBuilder) => b.constant(float32Tensor([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]));

describe('steps on the way', () => {
  it('are none in a smooth model', async () => {
    expect(await stepsOf((b) => b.node('Relu', [b.node('MatMul', ['x', weights(b)])]))).toEqual({
      operators: [],
      everywhere: false,
    });
  });

  it('are everywhere where all ways lead through one', async () => {
    const rounded = await stepsOf((b) => b.node('MatMul', [b.node('Round', [b.node('Floor', ['x'])]), weights(b)]));
    expect(rounded).toEqual({ operators: ['Floor', 'Round'], everywhere: true });
  });

  it('are not everywhere where a way leads around', async () => {
    const beside = await stepsOf((b) => b.node('Add', ['x', b.node('Sub', [b.node('Round', ['x']), 'x'])]));
    expect(beside).toEqual({ operators: ['Round'], everywhere: false });
  });

  it('count integers, and what is chosen by index', async () => {
    const cast = await stepsOf((b) => b.node('Cast', [b.node('Cast', ['x'], { to: 6 })], { to: 1 }));
    expect(cast).toEqual({ operators: ['Cast'], everywhere: true });
    const gathered = await stepsOf((b) =>
      b.node('Gather', [weights(b), b.node('ArgMax', ['x'], { axis: 1, keepdims: 0 })]),
    );
    expect(gathered).toEqual({ operators: ['ArgMax'], everywhere: true });
  });

  it('do not count what is beside the way, or asks for shapes alone', async () => {
    const shaped = await stepsOf((b) => {
      b.output(b.node('ArgMax', ['x'], { axis: 1 }));
      const noise = b.node('RandomNormalLike', ['x']);
      const flat = b.node('Reshape', [b.node('Add', ['x', noise]), b.node('Shape', ['x'])]);
      return b.node('Reshape', [flat, b.constant(int64Vector([-1, 3]))]);
    });
    expect(shaped).toEqual({ operators: [], everywhere: false });
  });

  it('do not count a condition between smooth branches, and do where the branches are constants', async () => {
    const zero = (b: GraphBuilder) => b.constant(scalar(0));
    const relu = await stepsOf((b) => b.node('Where', [b.node('Greater', ['x', zero(b)]), 'x', zero(b)]));
    expect(relu).toEqual({ operators: [], everywhere: false });
    const binary = await stepsOf((b) =>
      b.node('Where', [b.node('Greater', ['x', zero(b)]), b.constant(scalar(1)), zero(b)]),
    );
    expect(binary).toEqual({ operators: ['Greater'], everywhere: true });
  });
});
