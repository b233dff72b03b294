import { float32Tensor, GraphBuilder, type Model, scalar, Session } from '@rampart/onnx';

import { inTwo } from './in-two';

const weights = float32Tensor([3], [1, -2, 3]);

/** x times the squares of the weights, plus noise in the weights' shape; and the squares themselves. */
function model(deviation: number): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', 3]);
  builder.input('weights', 'float32', [3]);
  const squares = builder.node('Mul', ['weights', 'weights']);
  const noise = builder.node('Mul', [
    builder.node('RandomNormalLike', ['weights']),
    builder.constant(scalar(deviation)),
  ]);
  const product = builder.node('Mul', ['x', builder.node('Neg', [squares])]);
  builder.output(builder.node('Add', [product, noise]), 'float32', ['n', 3]);
  builder.output(squares, 'float32', [3]);
  const graph = builder.build('spec');
  return { irVersion: 9, opsets: new Map([['', 18]]), producer: 'spec', metadata: new Map(), functions: [], graph };
}

async function run(file: Model, feeds: Parameters<Session['run']>[0]) {
  const session = await Session.open(file);
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

describe('inTwo', () => {
  it('computes of the given inputs first, once for many runs, and the same', async () => {
    const { first, second } = await inTwo(model(0), { weights });
    expect(first.graph.inputs.map(({ name }) => name)).toEqual(['weights']);
    expect(first.graph.nodes.map(({ op }) => op)).toEqual(['Mul', 'Neg']);
    expect(second.graph.nodes.map(({ op }) => op)).toEqual(['RandomNormalLike', 'Mul', 'Mul', 'Add']);
    const made = await run(first, { weights });
    for (const data of [
      [1, 2, 3],
      [5, 1, -1, 2, 2, 2],
    ]) {
      const x = float32Tensor([data.length / 3, 3], data);
      const [y, squares] = Object.values(await run(second, { ...made, x, weights }));
      expect([...(y!.data as Float32Array)]).toEqual(data.map((value, k) => -value * [1, 4, 9][k % 3]!));
      expect([...(squares!.data as Float32Array)]).toEqual([1, 4, 9]);
    }
  });

  it('leaves it to products to read matrices in another order', async () => {
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['n', 2, 2]);
    builder.input('weights', 'float32', [1, 3, 2]);
    const negative = builder.node('Neg', ['weights']);
    const turned = builder.node('Transpose', [negative], { perm: [0, 2, 1] });
    builder.output(builder.node('MatMul', ['x', turned]), 'float32', ['n', 2, 3]);
    builder.output(builder.node('Transpose', [negative], { perm: [2, 1, 0] }), 'float32', [2, 3, 1]);
    const graph = builder.build('spec');
    const feeds = { weights: float32Tensor([1, 3, 2], [1, 2, 3, 4, 5, 6]) };
    const { first, second } = await inTwo({ ...model(0), graph }, feeds);
    expect(first.graph.nodes.map(({ op }) => op)).toEqual(['Neg', 'Transpose']);
    expect(second.graph.nodes.map(({ op }) => op)).toEqual(['Transpose', 'MatMul']);
    const x = float32Tensor([1, 2, 2], [1, 0, 2, 1]);
    const [products, others] = Object.values(await run(second, { ...(await run(first, feeds)), x }));
    expect([...(products!.data as Float32Array)]).toEqual([-1, -3, -5, -4, -10, -16]);
    expect([...(others!.data as Float32Array)]).toEqual([-1, -3, -5, -2, -4, -6]);
  });

  it('leaves what is random to every run', async () => {
    const { first, second } = await inTwo(model(1), { weights });
    const made = await run(first, { weights });
    const session = await Session.open(second);
    const x = float32Tensor([1, 3], [0, 0, 0]);
    const noise = async () => {
      const [y] = Object.values(await session.run({ ...made, x, weights }));
      return [...(y!.data as Float32Array)];
    };
    expect(await noise()).not.toEqual(await noise());
    await session.dispose();
  });
});
