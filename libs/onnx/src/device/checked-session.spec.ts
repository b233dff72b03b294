import { RampartError } from '@rampart/core';

import { GraphBuilder } from '../graph/builder';
import type { Model, Tensor } from '../graph/ir';
import { float32Tensor } from '../graph/tensor';
import { Session } from '../runtime/session';
import { CheckedSession, type Opening } from './checked-session';

const ROW = 4;

/** Products with weights and rectifiers in turn; only the last product's node has a name. */
function chain(scales: readonly number[]): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['N', ROW]);
  let value = 'x';
  scales.forEach((scale, k) => {
    const weights = float32Tensor(
      [ROW, ROW],
      Array.from({ length: ROW * ROW }, (_, i) => (scale * (1.2 + Math.cos(i + k))) / ROW),
    );
    value = builder.node('Relu', [builder.node('MatMul', [value, builder.constant(weights)])]);
  });
  builder.output(builder.node('Add', [value, value], {}, { outputs: ['y'] })[0]!, 'float32');
  const graph = builder.build('chain');
  const nodes = graph.nodes.map((node, i) => ({ ...node, name: i === 6 ? 'last' : '' }));
  return {
    irVersion: 10,
    opsets: new Map([['', 21]]),
    producer: '',
    metadata: new Map(),
    functions: [],
    graph: { ...graph, nodes },
  };
}

/**
 * A device that computes some nodes as another model has them, with sessions of ONNX Runtime: the nodes that are kept
 * on the CPU are the model's own.
 */
function computingAs(other: Model, count: { opened: number } = { opened: 0 }): Opening {
  return (model, { onCpu = [] }) => {
    count.opened++;
    const weightsOf = (index: number) => {
      const node = model.graph.nodes[index]!;
      return onCpu.includes(node.name) ? node : { ...node, inputs: other.graph.nodes[index]!.inputs.map(theirs) };
    };
    const theirs = (name: string) => (other.graph.initializers.has(name) ? `their ${name}` : name);
    const nodes = model.graph.nodes.map((_, index) => weightsOf(index));
    const initializers = new Map<string, Tensor>(model.graph.initializers);
    for (const [name, value] of other.graph.initializers) initializers.set(`their ${name}`, value);
    return Session.open({ ...model, graph: { ...model.graph, nodes, initializers } });
  };
}

const feeds = (rows: number) => ({
  x: float32Tensor(
    [rows, ROW],
    Array.from({ length: rows * ROW }, (_, i) => Math.sin(i) + 1.2),
  ),
});

const RIGHT = chain([1, 1, 1, 1]);

async function expected(rows: number): Promise<Record<string, Tensor>> {
  const session = await Session.open(RIGHT);
  const answers = await session.run(feeds(rows));
  await session.dispose();
  return answers;
}

describe('CheckedSession', () => {
  const sessions: CheckedSession[] = [];
  const open = async (opening: Opening, model = RIGHT) => {
    const session = await CheckedSession.open(model, { device: 'webgpu' }, opening);
    sessions.push(session);
    return session;
  };
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.dispose();
  });

  it('runs on the device what it computes as the CPU does', async () => {
    const count = { opened: 0 };
    // Rounding makes no difference.
    const session = await open(computingAs(chain([1, 1.0001, 1, 1]), count));
    expect(session.check()).toBeUndefined();
    expect(await session.run(feeds(4), ['y'])).toEqual(await expected(4));
    const [own, cpu] = [await session.run(feeds(4), ['y']), await expected(4)];
    expect(own).not.toEqual(cpu);
    expect(session.check()).toEqual({
      device: 'webgpu',
      compared: 4,
      differences: { y: expect.closeTo(1e-4, 6) as number },
      onCpu: [],
    });
    expect(count.opened).toBe(1);
  });

  it('finds the nodes that it computes otherwise, and keeps them on the CPU', async () => {
    const session = await open(computingAs(chain([1, 2, 1, 0.7])));
    expect(await session.run(feeds(5), ['y'])).toEqual(await expected(5));
    expect(await session.run(feeds(5), ['y'])).toEqual(await expected(5));
    const check = session.check()!;
    expect(check.onCpu).toEqual([
      { name: 'MatMul_2', op: 'MatMul' },
      { name: 'last', op: 'MatMul' },
    ]);
    expect(check.differences).toEqual({ y: 0 });
  });

  it('says how far off the device alone was', async () => {
    const session = await open(computingAs(chain([1, 1, 1.5, 1])));
    await session.run(feeds(3), ['y']);
    expect(session.check()).toMatchObject({
      wrong: { y: expect.closeTo(0.5, 5) as number },
      onCpu: [{ name: 'MatMul_4' }],
    });
  });

  it('runs all of it on the CPU where that does not help', async () => {
    const lost: Opening = async (model) => Session.open(await Promise.resolve(withoutLast(model)));
    const session = await open(lost);
    expect(await session.run(feeds(2), ['y'])).toEqual(await expected(2));
    expect(session.check()).toEqual({ device: 'webgpu', compared: 2, differences: {}, wrong: { y: 1 }, onCpu: 'all' });
    expect(await session.run(feeds(9), ['y'])).toEqual(await expected(9));
  });

  it('compares each size once', async () => {
    const session = await open(computingAs(RIGHT));
    for (const rows of [4, 3, 4, 8, 5, 1]) await session.run(feeds(rows), ['y']);
    expect(session.check()).toMatchObject({ compared: 4 + 8 + 1 });
  });

  it('runs a model on the CPU that the device refuses, and says why', async () => {
    const refusing: Opening = () =>
      Promise.reject(new RampartError({ code: 'bad-model', message: 'No kernel for it.' }));
    const session = await open(refusing);
    expect(await session.run(feeds(2), ['y'])).toEqual(await expected(2));
    expect(session.check()).toMatchObject({ compared: 0, onCpu: 'all', refused: 'No kernel for it.' });
  });

  it('keeps what no comparison may find off the device from the beginning', async () => {
    const kept: (readonly string[] | undefined)[] = [];
    const noting: Opening = (model, options) => {
      kept.push(options.onCpu);
      return Session.open(model);
    };
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['N', ROW]);
    builder.output(
      builder.node('ReduceLogSumExp', [builder.node('Neg', ['x'])], {}, { outputs: ['y'] })[0]!,
      'float32',
    );
    const session = await open(noting, { ...RIGHT, graph: builder.build('overflowing') });
    await session.run(feeds(2), ['y']);
    expect(kept).toEqual([['y']]);
    expect(session.check()!.onCpu).toEqual([{ name: 'y', op: 'ReduceLogSumExp' }]);
  });

  it('does not go on without the device that was asked for', async () => {
    const missing: Opening = () => Promise.reject(new RampartError({ code: 'unavailable', message: 'No GPU.' }));
    await expect(open(missing)).rejects.toMatchObject({ code: 'unavailable', message: 'No GPU.' });
  });
});

/** A model whose answers are another one's: its last node's operator is. */
function withoutLast(model: Model): Model {
  const nodes = model.graph.nodes.map((node) => (node.op === 'Add' ? { ...node, op: 'Sub' } : node));
  return { ...model, graph: { ...model.graph, nodes } };
}
