import { GraphBuilder } from '../graph/builder';
import type { Graph, Model, Tensor } from '../graph/ir';
import { normalise } from '../graph/normalise/normalise';
import { boolTensor, float32Tensor, int64Vector, scalar } from '../graph/tensor';
import { compareGradients } from '../runtime/finite-differences';
import { Session } from '../runtime/session';
import { Numbers } from './check-rule.kit';

const numbers = new Numbers(9);

/** A graph inside of a node: what it makes of its inputs and of values around it. */
function inside(outer: readonly string[], build: (b: GraphBuilder) => readonly string[]): Graph {
  const b = new GraphBuilder(undefined, { outer });
  for (const output of build(b)) b.output(output);
  return b.build('inside');
}

function modelOf(build: (b: GraphBuilder) => void, opset = 21): Model {
  const builder = new GraphBuilder();
  build(builder);
  const graph = builder.build('graph');
  return { irVersion: 10, opsets: new Map([['', opset]]), producer: '', metadata: new Map(), functions: [], graph };
}

async function errors(model: Model, feeds: Record<string, Tensor>): Promise<number> {
  const comparisons = await compareGradients(model, feeds, { step: 0.01 });
  return Math.max(...comparisons.map(({ error }) => error));
}

async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await Session.open(model);
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

const x = numbers.uniform([2, 3], 0.2, 0.8);
const weights = numbers.uniform([3, 3], -0.6, 0.6);

/** A loop of a state that turns into tanh(state weights) and more, and that is put out after every turn. */
function recurrent(b: GraphBuilder, body: Graph, count: string, states = ['x']): readonly string[] {
  const going = b.constant(boolTensor([], [true]));
  return b.node('Loop', [count, going, ...states], { body }, { outputs: body.outputs.length - 1 });
}

/** Inputs that every body has: the turn, whether it goes on, and a state. */
function bodyInputs(b: GraphBuilder, ...states: string[]): void {
  b.input('turn', 'int64', []);
  b.input('going', 'bool', []);
  for (const state of states) b.input(state, 'float32');
}

describe('If', () => {
  const branching = (threshold: number) =>
    modelOf((b) => {
      b.input('x', 'float32', ['N', 3]);
      b.node('Mul', ['x', 'x'], {}, { outputs: ['squares'] });
      const sum = b.node('ReduceSum', ['x'], { keepdims: 0 });
      const condition = b.node('Greater', [sum, b.constant(scalar(threshold))]);
      const then_branch = inside(['squares', 'x'], (inner) => [
        inner.node('Mul', ['squares', inner.node('Sin', ['x'])]),
        inner.node('Identity', ['x']),
      ]);
      // One of its results comes from outside as it is, and x has no part in it.
      const else_branch = inside(['squares', 'x'], (inner) => [
        inner.node('Exp', ['squares'], {}, { outputs: ['exp'] })[0]!,
        inner.node('Neg', ['squares']),
      ]);
      for (const output of b.node('If', [condition], { then_branch, else_branch }, { outputs: 2 })) b.output(output);
    });

  it.each([0, 100])('has the gradient of the branch that the data decide for (threshold %d)', async (threshold) => {
    expect(await errors(branching(threshold), { x })).toBeLessThan(1e-3);
  });
});

describe('Loop', () => {
  const stepping = (count: number) =>
    modelOf((b) => {
      b.input('x', 'float32', ['N', 3]);
      b.initializer('w', weights);
      const body = inside(['x', 'w'], (inner) => {
        bodyInputs(inner, 'state');
        const product = inner.node('Tanh', [inner.node('MatMul', ['state', 'w'])]);
        const next = inner.node('Add', [product, inner.node('Mul', ['x', 'x'])]);
        return [inner.node('Identity', ['going']), next, inner.node('Mul', [next, 'state'])];
      });
      for (const output of recurrent(b, body, b.constant(scalar(count, 'int64')))) b.output(output);
    });

  it.each([0, 1, 4])('passes gradients back over %d turns', async (count) => {
    expect(await errors(stepping(count), { x })).toBeLessThan(1e-3);
  });

  it('ends when the data say so', async () => {
    const model = modelOf((b) => {
      b.input('x', 'float32', ['N', 3]);
      const body = inside([], (inner) => {
        bodyInputs(inner, 'state');
        const next = inner.node('Mul', ['state', inner.node('Exp', [inner.node('Neg', ['state'])])]);
        const sum = inner.node('ReduceSum', [next], { keepdims: 0 });
        return [inner.node('Greater', [sum, inner.constant(scalar(1.2))]), next];
      });
      b.output(recurrent(b, body, b.constant(scalar(20, 'int64')))[0]!);
    });
    expect(await errors(model, { x })).toBeLessThan(1e-3);
  });

  it('keeps states that are whole numbers, and reads by the turn', async () => {
    const model = modelOf((b) => {
      b.input('x', 'float32', ['N', 3]);
      const first = b.constant(scalar(0, 'int64'));
      const start = b.node('ReduceSum', ['x', b.constant(int64Vector([1]))], { keepdims: 0 });
      const body = inside(['x'], (inner) => {
        inner.input('turn', 'int64', []);
        inner.input('going', 'bool', []);
        inner.input('place', 'int64', []);
        inner.input('total', 'float32');
        const column = inner.node('Gather', ['x', 'place'], { axis: 1 });
        const next = inner.node('Add', ['place', inner.constant(scalar(1, 'int64'))]);
        return [inner.node('Identity', ['going']), next, inner.node('Mul', ['total', column])];
      });
      b.output(recurrent(b, body, b.constant(scalar(3, 'int64')), [first, start])[1]!);
    });
    expect(await errors(model, { x })).toBeLessThan(1e-3);
  });

  it('within a loop, with a choice inside', async () => {
    const model = modelOf((b) => {
      b.input('x', 'float32', ['N', 3]);
      b.initializer('w', weights);
      const body = inside(['x', 'w'], (outer) => {
        bodyInputs(outer, 'state');
        const product = outer.node('MatMul', ['state', 'w'], {}, { outputs: ['product'] })[0]!;
        const deeper = inside(['x', 'w', 'state', 'product'], (inner) => {
          inner.input('innerTurn', 'int64', []);
          inner.input('innerGoing', 'bool', []);
          inner.input('innerState', 'float32');
          const even = inner.node('Equal', ['innerTurn', inner.constant(scalar(0, 'int64'))]);
          const then_branch = inside(['product', 'innerState'], (c) => [c.node('Sin', ['innerState'])]);
          const else_branch = inside(['product', 'innerState'], (c) => [c.node('Mul', ['innerState', 'product'])]);
          return [
            inner.node('Identity', ['innerGoing']),
            inner.node('Add', [inner.node('If', [even], { then_branch, else_branch }), 'x']),
          ];
        });
        const going = outer.constant(boolTensor([], [true]));
        const twice = outer.constant(scalar(2, 'int64'));
        const result = outer.node('Loop', [twice, going, product], { body: deeper }, { name: 'deeper' });
        return [outer.node('Identity', ['going'], {}, { name: 'more' }), outer.node('Tanh', [result])];
      });
      b.output(recurrent(b, body, b.constant(scalar(3, 'int64')))[0]!);
    });
    expect(await errors(model, { x })).toBeLessThan(1e-3);
  });

  it('is refused where a state grows', async () => {
    const model = modelOf((b) => {
      b.input('x', 'float32', ['N', 3]);
      const body = inside(['x'], (inner) => {
        bodyInputs(inner, 'state');
        return [inner.node('Identity', ['going']), inner.node('Concat', ['state', 'x'], { axis: 1 })];
      });
      b.output(recurrent(b, body, b.constant(scalar(2, 'int64')))[0]!);
    });
    await expect(errors(model, { x })).rejects.toThrow(
      /^Loop "\w+" cannot be differentiated: one of its states is no tensor or changes its shape\.$/,
    );
  });
});

describe('Scan', () => {
  it.each([0, 1])('of operator set 8 is one over the batch of one over slices (direction %d)', async (direction) => {
    const model = modelOf((b) => {
      b.input('x', 'float32', [2, 4, 3]);
      b.input('start', 'float32', [2, 3]);
      b.initializer('w', weights);
      const body = inside(['w'], (inner) => {
        inner.input('state', 'float32', [3]);
        inner.input('slice', 'float32', [3]);
        const next = inner.node('Tanh', [inner.node('Add', [inner.node('MatMul', ['state', 'w']), 'slice'])]);
        return [next, inner.node('Mul', [next, 'slice'])];
      });
      const scan = { body, num_scan_inputs: 1, directions: [direction] };
      for (const output of b.node('Scan', ['', 'start', 'x'], scan, { outputs: 2 })) b.output(output);
    }, 8);
    const feeds = { x: numbers.uniform([2, 4, 3]), start: numbers.uniform([2, 3]) };
    expect(await errors(model, feeds)).toBeLessThan(1e-3);
    const [before, after] = [await run(model, feeds), await run(normalise(model), feeds)];
    Object.values(before).forEach(({ dims, data }, i) => {
      const other = Object.values(after)[i]!;
      expect(other.dims).toEqual(dims);
      data.forEach((value, k) => expect(Number(other.data[k])).toBeCloseTo(Number(value), 5));
    });
  });

  it.each([0, 1])('is a loop over slices, from either end (direction %d)', async (direction) => {
    const model = modelOf((b) => {
      b.input('x', 'float32', [4, 3]);
      b.input('start', 'float32', [3]);
      b.initializer('w', weights);
      const body = inside(['w'], (inner) => {
        inner.input('state', 'float32', [3]);
        inner.input('slice', 'float32', [3]);
        const next = inner.node('Tanh', [inner.node('Add', [inner.node('MatMul', ['state', 'w']), 'slice'])]);
        return [next, inner.node('Mul', [next, 'slice'])];
      });
      const scan = { body, num_scan_inputs: 1, scan_input_directions: [direction] };
      for (const output of b.node('Scan', ['start', 'x'], scan, { outputs: 2 })) b.output(output);
    }, 18);
    const feeds = { x: numbers.uniform([4, 3]), start: float32Tensor([3], [0.1, 0.2, -0.3]) };
    expect(await errors(model, feeds)).toBeLessThan(1e-3);
  });
});
