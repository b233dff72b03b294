import { Rng } from '@rampart/core';
import { withGradientNote } from '@rampart/models';
import { float32Tensor, type Graph, GraphBuilder, type Model, readModel, Session, writeModel } from '@rampart/onnx';

import type { InnerAttack } from '../inner-attack';
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

  it('trains its running statistics where it is asked to, and freezes layers by name', async () => {
    const original = foreign();
    const session = await onnxEngine.start({
      ...{ model: writeModel(original), objective, optimiser: sgd(1e-9, 0) },
      ...{ batchStatistics: true, frozen: ['features.0'] },
    });
    const batch = views();
    for (let step = 0; step < 100; step++) await session.step(batch, COUNT);
    const trained = readModel(await session.model()).graph.initializers;
    await session.dispose();
    expect(trained.get('features.0.weight')).toEqual(original.graph.initializers.get('features.0.weight'));

    const convolved = original.graph.nodes.find(({ op }) => op === 'Conv')!.outputs[0]!;
    const graph = { ...original.graph, outputs: [{ name: convolved, type: 'float32' as const, dims: undefined }] };
    const run = await Session.open({ ...original, graph });
    const values = (await run.run({ pixels: float32Tensor([COUNT, 2, 6, 6], batch.images.data) }))[convolved]!;
    await run.dispose();
    // Each part of a batch, here of eight rows, has statistics of its own; what joins the running ones is their mean.
    const [size, rows] = [16, 8];
    const places = Array.from({ length: COUNT / rows }, (_, part) => part);
    for (let channel = 0; channel < 3; channel++) {
      const parts = places.map((part) => {
        const own = Array.from({ length: rows * size }, (_, k) => {
          const row = part * rows + Math.floor(k / size);
          return (values.data as Float32Array)[(row * 3 + channel) * size + (k % size)]!;
        });
        const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
        return { mean, variance: own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length };
      });
      const average = (key: 'mean' | 'variance') => parts.reduce((sum, part) => sum + part[key], 0) / parts.length;
      const found = (name: string) => (trained.get(name)!.data as Float32Array)[channel]!;
      // After 100 steps 0.9^100 of what the file had is left.
      expect(found('bn.running_mean')).toBeCloseTo(average('mean'), 3);
      expect(found('bn.running_var')).toBeCloseTo(average('variance'), 3);
    }
  });

  it('moves its running statistics by those of all views that it is given', async () => {
    const model = writeModel(foreign());
    const { images, labels } = views();
    const twice = { ...images, data: images.data.map((value) => 2 * value) };
    const moved = async (...inputs: readonly string[]) => {
      const terms = inputs.map((input) => ({ ...objective.terms[0]!, input }));
      const options = { model, objective: { terms }, optimiser: sgd(1e-9, 0) };
      const session = await onnxEngine.start({ ...options, batchStatistics: true });
      await session.step({ images, twice, labels }, COUNT);
      const { initializers } = readModel(await session.model()).graph;
      await session.dispose();
      return ['bn.running_mean', 'bn.running_var'].flatMap((name) => [
        ...(initializers.get(name)!.data as Float32Array),
      ]);
    };
    const [one, other, both] = [await moved('images'), await moved('twice'), await moved('images', 'twice')];
    expect(one).not.toEqual(other);
    both.forEach((value, k) => expect(value).toBeCloseTo((one[k]! + other[k]!) / 2, 5));
  });

  it.each([
    [['features.1'], /Unknown layer to freeze: "features.1". Did you mean "features.0"\? Known: .*bn.*/],
    [['features.0', 'bn', 'head'], /every layer is frozen/],
  ])('is refused where %j is to be frozen', async (frozen, message) => {
    const options = { model: writeModel(foreign()), objective, optimiser: sgd(), frozen };
    await expect(onnxEngine.start(options)).rejects.toThrow(message);
  });

  it('is refused where it is rounded: a plain gradient would be zero', async () => {
    const original = foreign();
    const nodes = original.graph.nodes.map((node) =>
      node.op === 'Conv' ? { ...node, inputs: ['rounded', ...node.inputs.slice(1)] } : node,
    );
    const round = {
      ...original.graph.nodes[0]!,
      name: 'round',
      op: 'Round',
      inputs: ['pixels'],
      outputs: ['rounded'],
      attributes: {},
    };
    const model = writeModel({ ...original, graph: { ...original.graph, nodes: [round, ...nodes] } });
    const inner: InnerAttack = {
      ...{ from: 'images', to: 'adversarial', output: 'scores', against: { view: 'labels' }, box: { min: 0, max: 1 } },
      ...{ norm: 'linf' as const, epsilon: 0.1, steps: 1, length: 0.1, start: 'uniform' as const },
    };
    const against = { terms: [{ ...objective.terms[0]!, input: 'adversarial' }] };
    const options = { model, objective: against, optimiser: sgd(), inner, rng };
    await expect(onnxEngine.start(options)).rejects.toThrow(/changes in steps \(Round\).*straight-through/);
    const noted = writeModel(withGradientNote(readModel(model), 'straight-through'));
    await (await onnxEngine.start({ ...options, model: noted })).dispose();
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
