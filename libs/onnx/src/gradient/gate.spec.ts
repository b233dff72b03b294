import { GraphBuilder } from '../graph/builder';
import type { Model } from '../graph/ir';
import { withOutputs } from '../graph/outputs';
import { float32Tensor, scalar } from '../graph/tensor';
import { compareGradients } from '../runtime/finite-differences';
import { probe } from '../runtime/probe';
import { Session } from '../runtime/session';
import { Numbers } from './check-rule.kit';
import { differentiate } from './differentiate';

function modelOf(builder: GraphBuilder): Model {
  const graph = builder.build('gate');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph };
}

/** The neighbours of a float32 number. */
function neighbours(value: number): [number, number] {
  const [floats, bits] = [Float32Array.of(value), new Int32Array(1)];
  const of = new Int32Array(floats.buffer)[0]!;
  const at = (pattern: number) => {
    bits[0] = pattern;
    return new Float32Array(bits.buffer)[0]!;
  };
  return [at(of - 1), at(of + 1)].sort((a, b) => a - b) as [number, number];
}

describe('the gradient of Clip between constant bounds', () => {
  it.each([
    [0, 6],
    [-1, 1],
    [-0.3, 1024],
    [1e-3, 0.7],
  ])('is 1 right beside %f and %f on the inside, 0 at them and beyond', async (low, high) => {
    const [lowest, highest] = [Math.fround(low), Math.fround(high)];
    const justInside = [low === 0 ? 1e-30 : neighbours(lowest)[1], neighbours(highest)[0]];
    const values = [lowest - 1, lowest, ...justInside, (lowest + highest) / 2, highest, highest + 1];
    const builder = new GraphBuilder();
    builder.input('x', 'float32', [values.length]);
    const bounds = [low, high].map((bound) => builder.constant(scalar(bound)));
    builder.output(builder.node('Clip', ['x', ...bounds]));
    const model = modelOf(builder);
    const types = await probe(model);
    const { model: both, gradients } = differentiate(model, { of: 'Clip', wrt: ['x'], types });
    const session = await Session.open(withOutputs(both, [gradients.get('x')!]));
    const result = await session.run({ x: float32Tensor([values.length], values) });
    await session.dispose();
    expect([...(result[gradients.get('x')!]!.data as Float32Array)]).toEqual([0, 0, 1, 1, 1, 0, 0]);
  });
});

it.each(['Relu', 'Clip'])('%s behind a convolution whose channels leave blocks unfilled', async (op) => {
  const numbers = new Numbers(11);
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['N', 3, 6, 6]);
  const filters = [
    builder.initializer('first', numbers.uniform([6, 3, 3, 3])),
    builder.initializer('second', numbers.uniform([5, 6, 3, 2])),
  ];
  const bounds = op === 'Clip' ? [-0.5, 1].map((bound) => builder.constant(scalar(bound))) : [];
  const first = builder.node(op, [builder.node('Conv', ['x', filters[0]!]), ...bounds]);
  builder.output(builder.node('Conv', [first, filters[1]!]));
  const [comparison] = await compareGradients(modelOf(builder), { x: numbers.uniform([4, 3, 6, 6]) }, { wrt: ['x'] });
  // Differences reach across some of the many bounds; slopes in the wrong places would be off by as much as they are.
  expect(comparison!.error).toBeLessThan(0.05);
});
