import { float32Tensor, GraphBuilder, type Graph, type Model, scalar, Session } from '@rampart/onnx';

import { compose, renameValues, valueNames } from './compose';

async function run(graph: Graph, x: number[]): Promise<Record<string, number[]>> {
  const model: Model = {
    irVersion: 10,
    opsets: new Map([['', 21]]),
    producer: 'test',
    metadata: new Map(),
    graph,
    functions: [],
  };
  const session = await Session.open(model);
  const results = await session.run({ x: float32Tensor([x.length], x) });
  await session.dispose();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

/** y = x * factor + offset, every name the same whatever the numbers. */
function affine(factor: number, offset: number): Graph {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n']);
  builder.initializer('factor', scalar(factor));
  builder.initializer('offset', scalar(offset));
  builder.node('Mul', ['x', 'factor'], {}, { outputs: ['product'] });
  builder.node('Add', ['product', 'offset'], {}, { outputs: ['y'] });
  builder.output('y', 'float32', ['n']);
  return builder.build('affine');
}

it('composes graphs all of whose names clash', async () => {
  const graph = compose(affine(2, 1), affine(10, -3), { from: 'y', to: 'x' });
  expect(await run(graph, [0, 5])).toEqual({ y_1: [1, 11], y: [7, 107] });
  expect(graph.initializers.get('factor')).toEqual(scalar(10));
});

it('composes any number of times', async () => {
  let graph = affine(2, 1);
  for (let i = 0; i < 4; i++) {
    graph = compose(graph, affine(2, 1), { from: 'y', to: 'x' });
    graph = { ...graph, outputs: graph.outputs.slice(-1) };
  }
  expect(await run(graph, [0])).toEqual({ y: [31] });
});

it('renames what the branches of an If read, but not what they define', async () => {
  const branch = (op: string): Graph => ({
    name: op,
    inputs: [],
    outputs: [{ name: 'inner', type: 'float32', dims: ['n'] }],
    initializers: new Map(),
    nodes: [{ op, domain: '', name: '', inputs: ['x', 'product'], outputs: ['inner'], attributes: {} }],
  });
  const builder = new GraphBuilder({ ...affine(3, 0), outputs: [] });
  const sum = builder.node('ReduceSum', ['x'], { keepdims: 0 });
  const positive = builder.node('Greater', [sum, builder.constant(scalar(0))]);
  builder.node('If', [positive], { then_branch: branch('Add'), else_branch: branch('Sub') }, { outputs: ['z'] });
  builder.output('z', 'float32', ['n']);
  const graph = builder.build('branches');
  const renamed = renameValues(
    graph,
    new Map([
      ['product', 'scaled'],
      ['inner', 'outer'],
      ['z', 'result'],
    ]),
  );
  expect(valueNames(renamed)).toContain('inner');
  expect(valueNames(renamed)).not.toContain('product');
  expect((await run(renamed, [1, 2]))['result']).toEqual([4, 8]);
  expect((await run(renamed, [-1, -2]))['result']).toEqual([2, 4]);
});
