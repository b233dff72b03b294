import { GraphBuilder } from '../graph/builder';
import type { Dimension, Model } from '../graph/ir';
import { float32Tensor, int64Vector, scalar } from '../graph/tensor';
import { Numbers } from '../gradient/check-rule.kit';
import { probe as probeWith, type ProbeOptions } from './probe';

const numbers = new Numbers(4);

function modelOf(dims: readonly Dimension[], build: (builder: GraphBuilder) => void): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', dims);
  build(builder);
  const graph = builder.build('graph');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph };
}

describe.each([
  ['probe', undefined],
  ['probe, of a model whose values are too much to keep', 0],
])('%s', (_, heavy) => {
  const probe = (model: Model, options: ProbeOptions = {}) =>
    probeWith(model, { ...options, ...(heavy !== undefined && { heavy }) });

  it('tells how each dimension depends on the batch size', async () => {
    const model = modelOf(['N', 6], (b) => {
      b.output(b.node('Reshape', ['x', b.constant(int64Vector([-1, 2]))], {}, { outputs: ['rows'] })[0]!);
      b.output(b.node('Concat', ['x', b.constant(numbers.uniform([1, 6]))], { axis: 0 }, { outputs: ['more'] })[0]!);
      b.output(b.node('ReduceSum', ['x', b.constant(int64Vector([0]))], { keepdims: 0 }, { outputs: ['sum'] })[0]!);
      b.output(b.node('Shape', ['x'], {}, { outputs: ['shape'] })[0]!);
    });
    const { values, batch } = await probe(model);
    expect(values.get('x')).toEqual({ type: 'float32', dims: ['batch', 6] });
    expect(values.get('rows')).toEqual({ type: 'float32', dims: ['3*batch', 2] });
    expect(values.get('more')).toEqual({ type: 'float32', dims: ['batch+1', 6] });
    expect(values.get('sum')).toEqual({ type: 'float32', dims: [6] });
    expect(values.get('shape')).toEqual({ type: 'int64', dims: [2] });
    expect(batch).toBeUndefined();
  });

  it('remembers what depends on shapes alone and is the same at every batch size', async () => {
    const model = modelOf(['N', 6], (b) => {
      const [features] = b.node('Shape', ['x'], { start: 1 }, { outputs: ['features'] });
      b.node('Shape', ['x'], { end: 1 }, { outputs: ['size'] });
      b.node('Cast', ['x'], { to: 7 }, { outputs: ['data'] });
      b.output(b.node('Div', [features!, b.constant(int64Vector([2]))], {}, { outputs: ['half'] })[0]!);
      b.output('data');
      b.output('size');
    });
    const { constants } = await probe(model, { feeds: { x: float32Tensor([1, 6], new Float32Array(6)) } });
    expect(constants.get('half')?.data).toEqual(BigInt64Array.of(3n));
    expect(constants.has('size')).toBe(false);
    // The same by chance, as the feed is the same.
    expect(constants.has('data')).toBe(false);
  });

  it('finds a batch size that is written into the model', async () => {
    const declared = modelOf([4, 6], (b) => b.output(b.node('Relu', ['x'])));
    expect((await probe(declared)).batch).toBe(4);
    const hidden = modelOf(['N', 6], (b) => {
      const flat = b.node('Reshape', ['x', b.constant(int64Vector([1, 6]))]);
      b.output(b.node('MatMul', [flat, b.constant(numbers.uniform([6, 2]))], {}, { outputs: ['y'] })[0]!);
    });
    const types = await probe(hidden);
    expect(types.batch).toBe(1);
    expect(types.values.get('y')?.dims).toEqual([1, 2]);
  });

  it('takes the branch that the shapes decide', async () => {
    const branch = (op: string) => {
      const inner = new GraphBuilder(undefined, { outer: ['x'] });
      inner.output(inner.node(op, ['x']));
      return inner.build(op);
    };
    const model = modelOf(['N', 6], (b) => {
      const features = b.node('Gather', [b.node('Shape', ['x']), b.constant(scalar(1, 'int64'))]);
      const condition = b.node('Equal', [features, b.constant(scalar(6, 'int64'))]);
      b.output(b.node('If', [condition], { then_branch: branch('Abs'), else_branch: branch('Neg') }));
    });
    const types = await probe(model);
    expect(types.model.graph.nodes.map(({ op }) => op)).toContain('Abs');
    expect(types.model.graph.nodes.map(({ op }) => op)).not.toContain('If');
  });

  it('asks for an example where the shapes say too little, and uses it', async () => {
    const model = modelOf(['N', 3, 'height', 'width'], (b) =>
      b.output(b.node('GlobalAveragePool', ['x'], {}, { outputs: ['y'] })[0]!),
    );
    await expect(probe(model)).rejects.toThrow(/Dimension 2 of input "x" is free \(height\).*Give an example/);
    const { values } = await probe(model, { feeds: { x: numbers.uniform([1, 3, 8, 9]) } });
    expect(values.get('x')?.dims).toEqual(['batch', 3, 8, 9]);
    expect(values.get('y')?.dims).toEqual(['batch', 3, 1, 1]);
  });
});
