import { GraphBuilder } from '../graph/builder';
import type { Model, Tensor } from '../graph/ir';
import { float32Tensor, int64Vector } from '../graph/tensor';
import { writeModel } from '../wire/write-model';
import { Session } from './session';

function doubling(): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['N', 2]);
  builder.output(builder.node('Add', ['x', 'x'], {}, { outputs: ['twice'] })[0]!);
  builder.output(builder.node('Shape', ['x'], {}, { outputs: ['shape'] })[0]!);
  const graph = builder.build('doubling');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph };
}

describe('Session', () => {
  let session: Session;
  beforeEach(async () => (session = await Session.open(doubling())));
  afterEach(() => session.dispose());

  it('computes the outputs, or those asked for', async () => {
    const x = float32Tensor([2, 2], [1, 2, 3, 4]);
    const all = await session.run({ x });
    expect(all['twice']).toEqual(float32Tensor([2, 2], [2, 4, 6, 8]));
    expect(all['shape']).toEqual(int64Vector([2, 2]));
    expect(Object.keys(await session.run({ x }, ['shape']))).toEqual(['shape']);
  });

  it('takes weights beside the graph, to the same bytes as in it, and feeds from memory that threads share', async () => {
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['N', 256]);
    const weights = Float32Array.from({ length: 256 * 256 }, (_, i) => Math.sin(i));
    const product = builder.node('MatMul', ['x', builder.constant(float32Tensor([256, 256], weights))]);
    builder.output(builder.node('Tanh', [product], {}, { outputs: ['y'] })[0]!);
    const model = { ...doubling(), graph: builder.build('weights') };
    const x = new Float32Array(new SharedArrayBuffer(4 * 512));
    for (let i = 0; i < x.length; i++) x[i] = Math.cos(i);
    const answers: Tensor[] = [];
    for (const form of [model, writeModel(model)]) {
      const opened = await Session.open(form);
      answers.push((await opened.run({ x: float32Tensor([2, 256], x) }))['y']!);
      await opened.dispose();
    }
    expect(answers[0]).toEqual(answers[1]);
    expect((answers[0]!.data[0] as number) ** 2).toBeGreaterThan(0);
  });

  it('takes nodes of one name, as a file may call its own what is made beside them', async () => {
    const model = doubling();
    const nodes = model.graph.nodes.map((node) => ({ ...node, name: 'Add' }));
    const opened = await Session.open({ ...model, graph: { ...model.graph, nodes } });
    const { twice } = await opened.run({ x: float32Tensor([1, 2], [1, 2]) });
    await opened.dispose();
    expect(twice).toEqual(float32Tensor([1, 2], [2, 4]));
  });

  it('tells its inputs and outputs', () => {
    expect(session.inputs).toEqual([{ name: 'x', type: 'float32', dims: ['N', 2] }]);
    expect(session.outputs.map(({ name, type }) => [name, type])).toEqual([
      ['twice', 'float32'],
      ['shape', 'int64'],
    ]);
  });

  it.each([
    ['a missing input', {}, /needs input "x", float32\[N, 2\]. Received: nothing/],
    ['an unknown input', { y: float32Tensor([1], [1]) }, /no input "y". Its inputs: x/],
    ['another type', { x: int64Vector([1, 2]) }, /"x" of the model is float32\[N, 2\]. Received int64\[2\]/],
    ['another shape', { x: float32Tensor([1, 3], [1, 2, 3]) }, /Received float32\[1, 3\]/],
  ])('refuses %s', async (_name, feeds, message) => {
    await expect(session.run(feeds as Record<string, never>)).rejects.toThrow(message);
  });

  it('refuses an output that there is not', async () => {
    const x = float32Tensor([1, 2], [1, 2]);
    await expect(session.run({ x }, ['thrice'])).rejects.toThrow(/no output "thrice". Its outputs: twice, shape/);
  });

  it('refuses to run after it was disposed of', async () => {
    await session.dispose();
    await session.dispose();
    await expect(session.run({ x: float32Tensor([1, 2], [1, 2]) })).rejects.toThrow(/disposed/);
  });

  it('says in one line why a graph is refused', async () => {
    const model = doubling();
    const nodes = model.graph.nodes.map((node) => ({ ...node, op: 'Nonsense' }));
    const error: unknown = await Session.open({ ...model, graph: { ...model.graph, nodes } }).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'RampartError', code: 'bad-model' });
    expect((error as Error).message).toMatch(/ONNX Runtime refuses the model: .*Nonsense/);
    expect((error as Error).message).not.toContain('\n');
  });
});
