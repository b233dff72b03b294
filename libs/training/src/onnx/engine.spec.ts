import { Rng } from '@rampart/core';
import { float32Tensor, type Graph, GraphBuilder, type Model, readModel, Session, writeModel } from '@rampart/onnx';

import { classification, oneHot } from '../objective';
import { adam, sgd } from '../optimiser';
import { onnxEngine } from './engine';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const COUNT = 16;
const rng = Rng.root('swapped in');

const draw = (dims: readonly number[], scale: number) =>
  float32Tensor(
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => scale * rng.normal()),
  );

/** A file as another framework writes it: its own names, a weight in a Constant node, batch normalisation. */
function foreign(): Model {
  const builder = new GraphBuilder();
  builder.input('pixels', 'float32', ['N', 2, 6, 6]);
  builder.initializer('features.0.weight', draw([3, 2, 3, 3], 0.3));
  builder.initializer('bn.weight', draw([3], 1));
  builder.initializer('bn.bias', draw([3], 0.1));
  builder.initializer('bn.running_mean', draw([3], 0.1));
  builder.initializer('bn.running_var', float32Tensor([3], [0.5, 1, 2]));
  const convolved = builder.node('Conv', ['pixels', 'features.0.weight']);
  const statistics = ['bn.weight', 'bn.bias', 'bn.running_mean', 'bn.running_var'];
  const normal = builder.node('Relu', [builder.node('BatchNormalization', [convolved, ...statistics])]);
  const flat = builder.node('Flatten', [normal]);
  builder.node('Constant', [], { value: draw([48, 3], 0.2) }, { outputs: ['head'] });
  builder.node('MatMul', [flat, 'head'], {}, { outputs: ['scores'] });
  builder.output('scores', 'float32', ['N', 3]);
  return file(builder.build('foreign'), 13);
}

function file(graph: Graph, opset: number): Model {
  const metadata = new Map([['author', 'somebody']]);
  return { irVersion: 8, opsets: new Map([['', opset]]), producer: 'elsewhere', metadata, graph, functions: [] };
}

const objective = {
  terms: [{ ...classification().terms[0]!, output: 'scores' }],
};

function views() {
  const images = draw([COUNT, 2, 6, 6], 1).data as Float32Array;
  const labels = oneHot(
    Array.from({ length: COUNT }, (_, i) => i % 3),
    3,
  );
  return { images: { data: images, shape: [2, 6, 6] }, labels: { data: labels, shape: [3] } };
}

describe('a file of another maker', () => {
  it('is trained in place: names, statistics and metadata stay, the loss falls', async () => {
    const original = foreign();
    const session = await onnxEngine.start({ model: writeModel(original), objective, optimiser: adam(0.01) });
    const batch = views();
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) losses.push(await session.step(batch, COUNT));
    const trained = readModel(await session.model());
    await session.dispose();

    expect(losses.at(-1)!).toBeLessThan(0.3 * losses[0]!);
    expect(trained.metadata).toEqual(original.metadata);
    expect(trained.producer).toBe('elsewhere');
    expect(trained.opsets).toEqual(original.opsets);
    expect([trained.graph.inputs, trained.graph.outputs]).toEqual([original.graph.inputs, original.graph.outputs]);
    for (const name of ['bn.running_mean', 'bn.running_var']) {
      expect(trained.graph.initializers.get(name)).toEqual(original.graph.initializers.get(name));
    }
    for (const name of ['features.0.weight', 'bn.weight', 'bn.bias']) {
      expect(trained.graph.initializers.get(name)).not.toEqual(original.graph.initializers.get(name));
    }
    expect(trained.graph.initializers.get('head')!.dims).toEqual([48, 3]);
    const bare = await Session.open(writeModel(trained));
    await expect(bare.run({ pixels: float32Tensor([1, 2, 6, 6], new Float32Array(72)) })).resolves.toHaveProperty(
      'scores',
    );
  });

  it('is refused where it runs at one batch size only', async () => {
    const { graph } = foreign();
    const inputs = graph.inputs.map((input) => ({ ...input, dims: [1, 2, 6, 6] }));
    const model = writeModel(file({ ...graph, inputs }, 13));
    await expect(onnxEngine.start({ model, objective, optimiser: adam() })).rejects.toThrow(
      /runs at batch size 1 only.*dynamic batch axis/,
    );
  });

  it('is refused where it has nothing to train', async () => {
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['n', 3]);
    builder.node('Relu', ['x'], {}, { outputs: ['scores'] });
    builder.output('scores', 'float32', ['n', 3]);
    const model = writeModel(file(builder.build('weightless'), 17));
    await expect(onnxEngine.start({ model, objective, optimiser: sgd() })).rejects.toThrow(/no weights to train/);
  });
});

it('trains only the weights that the objective depends on', async () => {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', 4]);
  builder.initializer('a', draw([4, 3], 1));
  builder.initializer('b', draw([3, 3], 1));
  builder.node('MatMul', ['x', 'a'], {}, { outputs: ['scores'] });
  builder.node('MatMul', ['scores', 'b'], {}, { outputs: ['more'] });
  builder.output('scores', 'float32', ['n', 3]);
  builder.output('more', 'float32', ['n', 3]);
  const original = file(builder.build('two outputs'), 17);
  const session = await onnxEngine.start({
    model: writeModel(original),
    objective: { ...objective, weightDecay: 0.1 },
    optimiser: sgd(0.1),
  });
  const images = draw([COUNT, 4], 1).data as Float32Array;
  await session.step({ images: { data: images, shape: [4] }, labels: views().labels }, COUNT);
  const trained = readModel(await session.model());
  expect(trained.graph.initializers.get('a')).not.toEqual(original.graph.initializers.get('a'));
  expect(trained.graph.initializers.get('b')).toEqual(original.graph.initializers.get('b'));
  await session.dispose();
});
