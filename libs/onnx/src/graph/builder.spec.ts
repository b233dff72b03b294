import { float } from './attribute';
import { GraphBuilder } from './builder';
import { float32Tensor, int64Vector, scalar } from './tensor';

describe('GraphBuilder', () => {
  it('builds what it was told', () => {
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['N', 2]);
    const weights = builder.initializer('w', float32Tensor([2], [1, 2]));
    const sum = builder.node('Add', ['x', weights]);
    builder.output(builder.node('LeakyRelu', [sum], { alpha: float(0.5) }, { outputs: ['y'] })[0]!, 'float32', [
      'N',
      2,
    ]);
    const graph = builder.build('graph');
    expect(graph.inputs).toEqual([{ name: 'x', type: 'float32', dims: ['N', 2] }]);
    expect(graph.outputs).toEqual([{ name: 'y', type: 'float32', dims: ['N', 2] }]);
    expect(graph.nodes.map(({ op, inputs, outputs }) => [op, inputs, outputs])).toEqual([
      ['Add', ['x', 'w'], ['Add']],
      ['LeakyRelu', ['Add'], ['y']],
    ]);
  });

  it('goes on from a graph without changing it, under names of its own', () => {
    const first = new GraphBuilder();
    first.input('x');
    first.node('Relu', ['x']);
    const graph = first.build('graph');
    const builder = new GraphBuilder(graph);
    expect(builder.node('Relu', ['x'])).toBe('Relu_1');
    expect(graph.nodes).toHaveLength(1);
    expect(builder.build('graph').nodes).toHaveLength(2);
  });

  it('makes equal small constants once, but keeps apart what differs in type or shape', () => {
    const builder = new GraphBuilder();
    const name = builder.constant(int64Vector([1, 2]));
    expect(builder.constant(int64Vector([1, 2]))).toBe(name);
    expect(builder.constant(int64Vector([2, 1]))).not.toBe(name);
    expect(builder.constant(float32Tensor([1], [0]))).not.toBe(builder.constant(scalar(0)));
    expect(builder.constant(scalar(0))).not.toBe(builder.constant(scalar(0, 'int32')));
    // Zero and negative zero are different numbers to divide by.
    expect(builder.constant(scalar(0))).not.toBe(builder.constant(scalar(-0)));
  });

  it('does not take names that are to come', () => {
    const builder = new GraphBuilder(undefined, { reserved: ['Relu'], outer: ['Relu_1'] });
    builder.input('x');
    expect(builder.node('Relu', ['x'])).toBe('Relu_2');
    expect(builder.node('Abs', ['x'], {}, { outputs: ['Relu'] })).toEqual(['Relu']);
  });

  it('leaves out optional inputs at the end', () => {
    const builder = new GraphBuilder();
    builder.input('x');
    builder.node('Clip', ['x', '', '']);
    expect(builder.build('graph').nodes[0]!.inputs).toEqual(['x']);
  });

  it('gives a node the outputs that it lacks', () => {
    const builder = new GraphBuilder();
    builder.input('x');
    const pooled = builder.node('MaxPool', ['x'], { kernel_shape: [2] });
    const outputs = builder.extendOutputs(pooled, 2);
    expect(outputs[0]).toBe(pooled);
    expect(builder.extendOutputs(pooled, 2)).toEqual(outputs);
    expect(builder.build('graph').nodes[0]!.outputs).toEqual(outputs);
  });

  it.each([
    ['a name twice', (b: GraphBuilder) => b.input('x'), /already has a value named "x"/],
    ['an input that nothing makes', (b: GraphBuilder) => b.node('Relu', ['y']), /takes "y", which no node has made/],
    ['an output that nothing makes', (b: GraphBuilder) => b.output('y'), /no value "y"/],
    ['a fraction as an integer', (b: GraphBuilder) => b.node('Elu', ['x'], { alpha: 0.5 }), /Write float\(0.5\)/],
  ])('refuses %s', (_name, build, message) => {
    const builder = new GraphBuilder();
    builder.input('x');
    expect(() => build(builder)).toThrow(message);
  });
});
